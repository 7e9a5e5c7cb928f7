import { describe, expect, test } from 'vitest';
import { clusterRoleStrategy } from '../../../../shared/registry/rbac/clusterrole/strategy.ts';
import { clusterRoleBindingStrategy } from '../../../../shared/registry/rbac/clusterrolebinding/strategy.ts';
import { roleStrategy } from '../../../../shared/registry/rbac/role/strategy.ts';
import { roleBindingStrategy } from '../../../../shared/registry/rbac/rolebinding/strategy.ts';
import { createCauses, updateCauses } from '../../../fixtures/strategy-causes.ts';

const apiVersion = 'rbac.authorization.k8s.io/v1';
const verbs = ['get'];

describe('roles', () => {
  test.each<[object, string[]]>([
    [{ rules: [{ verbs, apiGroups: [''], resources: ['pods'] }] }, []],
    [{ metadata: { name: 'system::odd Name' } }, []],
    [{ metadata: { name: 'a/b' } }, [`metadata.name: Invalid value: "a/b": may not contain '/'`]],
    [{ metadata: { name: '..' } }, [`metadata.name: Invalid value: "..": may not be '..'`]],
    [
      { rules: [{}, { verbs, nonResourceURLs: ['/x'], resources: ['pods'] }] },
      [
        'rules[0].apiGroups: Required value: resource rules must supply at least one api group',
        'rules[0].resources: Required value: resource rules must supply at least one resource',
        'rules[1].nonResourceURLs: Invalid value: ["/x"]: namespaced rules cannot apply to non-resource URLs',
        'rules[1].nonResourceURLs: Invalid value: ["/x"]: rules cannot apply to both regular resources and non-resource URLs',
        'rules[0].verbs: Required value',
      ],
    ],
  ])('%j', async (fields, causes) => {
    expect(await createCauses(roleStrategy, { apiVersion, kind: 'Role', ...fields })).toEqual(causes);
  });
});

describe('cluster roles', () => {
  test.each<[object, string[]]>([
    [{ rules: [{ verbs, nonResourceURLs: ['/healthz'] }] }, []],
    [{ aggregationRule: { clusterRoleSelectors: [{ matchLabels: { a: 'b' } }] } }, []],
    [
      { aggregationRule: {} },
      [
        'aggregationRule.clusterRoleSelectors: Required value: at least one clusterRoleSelector required if aggregationRule is non-nil',
      ],
    ],
    [
      { aggregationRule: { clusterRoleSelectors: [{ matchExpressions: [{ key: 'a', operator: 'Near' }] }] } },
      [
        'aggregationRule.clusterRoleSelectors[0].matchExpressions[0].operator: Invalid value: "Near": not a valid selector operator',
        'aggregationRule.clusterRoleSelectors[0]: Invalid value: null: invalid label selector.',
      ],
    ],
  ])('%j', async (fields, causes) => {
    expect(await createCauses(clusterRoleStrategy, { apiVersion, kind: 'ClusterRole', ...fields })).toEqual(
      causes,
    );
  });
});

const roleRef = { kind: 'ClusterRole', name: 'view' };

describe('bindings', () => {
  test.each<[object, string[]]>([
    [{ roleRef, subjects: [{ kind: 'User', name: 'jo' }] }, []],
    [
      { roleRef: { apiGroup: 'x', kind: 'Thing', name: '' } },
      [
        'roleRef.apiGroup: Unsupported value: "x": supported values: "rbac.authorization.k8s.io"',
        'roleRef.kind: Unsupported value: "Thing": supported values: "Role", "ClusterRole"',
        'roleRef.name: Required value',
      ],
    ],
    [
      {
        roleRef: { kind: 'Role', name: 'a%b' },
        subjects: [
          { kind: 'ServiceAccount', name: 'Bot', apiGroup: 'x' },
          { kind: 'Group', apiGroup: 'x' },
          { kind: 'Robot', name: 'r' },
        ],
      },
      [
        `roleRef.name: Invalid value: "a%b": may not contain '%'`,
        `subjects[0].name: Invalid value: "Bot": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')`,
        'subjects[0].apiGroup: Unsupported value: "x": supported values: ""',
        'subjects[1].apiGroup: Unsupported value: "x": supported values: "rbac.authorization.k8s.io"',
        'subjects[2].kind: Unsupported value: "Robot": supported values: "ServiceAccount", "User", "Group"',
        'subjects[1].name: Required value',
      ],
    ],
  ])('of roles: %j', async (fields, causes) => {
    const manifest = { apiVersion, kind: 'RoleBinding', ...fields };
    expect(await createCauses(roleBindingStrategy, manifest)).toEqual(causes);
  });

  test("of cluster roles: service accounts require a namespace, roles can't be referenced", async () => {
    const subjects = [{ kind: 'ServiceAccount', name: 'bot' }];
    const manifest = {
      apiVersion,
      kind: 'ClusterRoleBinding',
      roleRef: { kind: 'Role', name: 'r' },
      subjects,
    };
    expect(await createCauses(clusterRoleBindingStrategy, manifest)).toEqual([
      'roleRef.kind: Unsupported value: "Role": supported values: "ClusterRole"',
      'subjects[0].namespace: Required value',
    ]);
  });

  test('have an immutable roleRef', async () => {
    const from = { apiVersion, kind: 'RoleBinding', roleRef };
    const to = { ...from, roleRef: { ...roleRef, name: 'edit' } };
    expect(await updateCauses(roleBindingStrategy, { from, to })).toEqual([
      'roleRef: Invalid value: {"APIGroup":"rbac.authorization.k8s.io","Kind":"ClusterRole","Name":"edit"}: field is immutable',
    ]);
    expect(await updateCauses(roleBindingStrategy, { from, to: from })).toEqual([]);
  });
});
