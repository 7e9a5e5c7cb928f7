import { describe, expect, test } from 'vitest';
import type { ClusterRole, PolicyRule, RoleRef, Subject } from '../../../shared/apis/rbac/v1/types.ts';
import { RBACAuthorizer } from '../../../shared/authz/rbac/rbac-authorizer.ts';
import { ruleAllows } from '../../../shared/authz/rbac/rule-allows.ts';
import { UnionAuthorizer } from '../../../shared/authz/union-authorizer.ts';
import { newServerTimeout } from '../../../shared/meta/status-error.ts';
import { StorageError } from '../../../shared/storage/errors.ts';
import { attributes, memoryRBAC, nonResource, user } from './fixtures.ts';

const apiGroup = 'rbac.authorization.k8s.io';
const ref = (kind: string, name: string): RoleRef => ({ apiGroup, kind, name });
const subject = (kind: string, name: string, namespace?: string): Subject => ({ kind, name, namespace });
const role = (name: string, namespace: string, ...rules: PolicyRule[]) => ({
  metadata: { name, namespace },
  rules,
});
const clusterRole = (name: string, ...rules: PolicyRule[]): ClusterRole => ({ metadata: { name }, rules });
const anna = user('anna', ['dev', 'system:authenticated']);

const readPods: PolicyRule = { verbs: ['get', 'list'], apiGroups: [''], resources: ['pods'] };

describe('ruleAllows', () => {
  const rule = (more: Partial<PolicyRule>): PolicyRule => ({ ...readPods, ...more });
  const table: [string, PolicyRule, ReturnType<typeof attributes>, boolean][] = [
    ['exact', rule({}), attributes(anna, 'get', 'pods'), true],
    ['other verb', rule({}), attributes(anna, 'delete', 'pods'), false],
    ['verb is case sensitive', rule({}), attributes(anna, 'GET', 'pods'), false],
    ['other group', rule({}), attributes(anna, 'get', 'pods.metrics.k8s.io'), false],
    ['all verbs', rule({ verbs: ['*'] }), attributes(anna, 'escalate', 'pods'), true],
    ['all groups', rule({ apiGroups: ['*'] }), attributes(anna, 'get', 'pods.metrics.k8s.io'), true],
    ['no groups', rule({ apiGroups: [] }), attributes(anna, 'get', 'pods'), false],
    ['a resource is not its subresource', rule({}), attributes(anna, 'get', 'pods/log'), false],
    ['a subresource', rule({ resources: ['pods/log'] }), attributes(anna, 'get', 'pods/log'), true],
    [
      'a subresource is not its resource',
      rule({ resources: ['pods/log'] }),
      attributes(anna, 'get', 'pods'),
      false,
    ],
    [
      'all resources, subresources too',
      rule({ resources: ['*'] }),
      attributes(anna, 'get', 'pods/log'),
      true,
    ],
    ['a subresource of all', rule({ resources: ['*/log'] }), attributes(anna, 'get', 'pods/log'), true],
    [
      'a subresource of all, another',
      rule({ resources: ['*/log'] }),
      attributes(anna, 'get', 'pods/exec'),
      false,
    ],
    [
      'all subresources of one: no such form',
      rule({ resources: ['pods/*'] }),
      attributes(anna, 'get', 'pods/log'),
      false,
    ],
    ['named', rule({ resourceNames: ['a', 'b'] }), attributes(anna, 'get', 'pods', { name: 'b' }), true],
    ['another name', rule({ resourceNames: ['a'] }), attributes(anna, 'get', 'pods', { name: 'b' }), false],
    [
      'names never cover a collection',
      rule({ resourceNames: ['a'] }),
      attributes(anna, 'list', 'pods'),
      false,
    ],
    [
      '* is no name pattern',
      rule({ resourceNames: ['*'] }),
      attributes(anna, 'get', 'pods', { name: 'b' }),
      false,
    ],
    [
      'resource rules say nothing of paths',
      rule({ resources: ['*'] }),
      nonResource(anna, 'get', '/api'),
      false,
    ],
    ['a path', { verbs: ['get'], nonResourceURLs: ['/healthz'] }, nonResource(anna, 'get', '/healthz'), true],
    [
      'a longer path',
      { verbs: ['get'], nonResourceURLs: ['/healthz'] },
      nonResource(anna, 'get', '/healthz/x'),
      false,
    ],
    [
      'paths below',
      { verbs: ['get'], nonResourceURLs: ['/healthz/*'] },
      nonResource(anna, 'get', '/healthz/x'),
      true,
    ],
    [
      'paths below, not itself',
      { verbs: ['get'], nonResourceURLs: ['/healthz/*'] },
      nonResource(anna, 'get', '/healthz'),
      false,
    ],
    ['all paths', { verbs: ['*'], nonResourceURLs: ['*'] }, nonResource(anna, 'post', '/x'), true],
    [
      'path rules say nothing of resources',
      { verbs: ['*'], nonResourceURLs: ['*'] },
      attributes(anna, 'get', 'pods'),
      false,
    ],
    [
      'a rule without verbs',
      { verbs: null, apiGroups: [''], resources: ['pods'] },
      attributes(anna, 'get', 'pods'),
      false,
    ],
  ];
  test.each(table)('%s', (_name, policyRule, asked, allowed) => {
    expect(ruleAllows(asked, policyRule)).toBe(allowed);
    // The compiled policy must agree with the evaluation of the single rule.
    const bindings = [
      { metadata: { name: 'b' }, subjects: [subject('User', 'anna')], roleRef: ref('ClusterRole', 'r') },
    ];
    const { resolver } = memoryRBAC({
      clusterRoles: [clusterRole('r', policyRule)],
      clusterRoleBindings: bindings,
    });
    return expect(new RBACAuthorizer(resolver).authorize(asked)).resolves.toEqual(
      allowed
        ? {
            decision: 'Allow',
            reason: 'RBAC: allowed by ClusterRoleBinding "b" of ClusterRole "r" to User "anna"',
          }
        : { decision: 'NoOpinion', reason: '' },
    );
  });
});

describe('RBACAuthorizer', () => {
  const { resolver } = memoryRBAC({
    clusterRoles: [clusterRole('reader', readPods), clusterRole('empty')],
    clusterRoleBindings: [
      {
        metadata: { name: 'a-broken' },
        subjects: [subject('User', 'ben')],
        roleRef: ref('ClusterRole', 'gone'),
      },
      {
        metadata: { name: 'b-masters' },
        subjects: [subject('Group', 'ops')],
        roleRef: ref('ClusterRole', 'reader'),
      },
      {
        metadata: { name: 'c-sa' },
        subjects: [subject('ServiceAccount', 'bot', 'ci'), subject('ServiceAccount', 'homeless')],
        roleRef: ref('ClusterRole', 'reader'),
      },
      { metadata: { name: 'd-kind' }, subjects: [subject('User', 'kim')], roleRef: ref('Pod', 'x') },
      { metadata: { name: 'e-none' }, roleRef: ref('ClusterRole', 'reader') },
      {
        metadata: { name: 'f-odd' },
        subjects: [subject('Robot', 'anna')],
        roleRef: ref('ClusterRole', 'reader'),
      },
    ],
    roles: [role('pods', 'shop', readPods), role('pods', 'bank', { ...readPods, verbs: ['delete'] })],
    roleBindings: [
      {
        metadata: { name: 'dev', namespace: 'shop' },
        subjects: [subject('User', 'x'), subject('Group', 'dev'), subject('User', 'anna')],
        roleRef: ref('Role', 'pods'),
      },
      {
        metadata: { name: 'local', namespace: 'shop' },
        subjects: [subject('ServiceAccount', 'bot')],
        roleRef: ref('ClusterRole', 'reader'),
      },
      {
        metadata: { name: 'z-gone', namespace: 'shop' },
        subjects: [subject('User', 'ben')],
        roleRef: ref('Role', 'gone'),
      },
    ],
  });
  const authorizer = new RBACAuthorizer(resolver);
  const shop = { namespace: 'shop' };
  const allowed = (by: string) => ({ decision: 'Allow', reason: `RBAC: allowed by ${by}` });
  const abstained = (reason = '') => ({ decision: 'NoOpinion', reason });
  const table: [string, ReturnType<typeof attributes>, unknown][] = [
    [
      'a role binding, explained by the first matching subject',
      attributes(anna, 'get', 'pods', shop),
      allowed('RoleBinding "dev/shop" of Role "pods" to Group "dev"'),
    ],
    [
      'a role binding outside its namespace',
      attributes(anna, 'get', 'pods', { namespace: 'bank' }),
      abstained(),
    ],
    ['a role binding at cluster scope', attributes(anna, 'list', 'pods'), abstained()],
    [
      'cluster bindings hold in every namespace',
      attributes(user('o', ['ops']), 'get', 'pods', shop),
      allowed('ClusterRoleBinding "b-masters" of ClusterRole "reader" to Group "ops"'),
    ],
    ["a group name isn't a user name", attributes(user('ops'), 'get', 'pods', shop), abstained()],
    [
      'a service account of another namespace',
      attributes(user('system:serviceaccount:ci:bot'), 'get', 'pods'),
      allowed('ClusterRoleBinding "c-sa" of ClusterRole "reader" to ServiceAccount "bot/ci"'),
    ],
    [
      "the binding's namespace if the subject has none",
      attributes(user('system:serviceaccount:shop:bot'), 'get', 'pods', shop),
      allowed('RoleBinding "local/shop" of ClusterRole "reader" to ServiceAccount "bot/shop"'),
    ],
    [
      'a cluster binding has no default namespace',
      attributes(user('system:serviceaccount::homeless'), 'get', 'pods'),
      abstained(),
    ],
    [
      'missing roles are reported',
      attributes(user('ben'), 'get', 'pods', shop),
      abstained(
        'RBAC: [clusterrole.rbac.authorization.k8s.io "gone" not found, role.rbac.authorization.k8s.io "gone" not found]',
      ),
    ],
    [
      'an unknown kind of role',
      attributes(user('kim'), 'get', 'pods'),
      abstained('RBAC: unsupported role reference kind: "Pod"'),
    ],
    ['an unknown kind of subject', attributes(user('anna'), 'get', 'pods'), abstained()],
    [
      'names from Object.prototype',
      attributes(user('constructor', ['__proto__']), 'get', 'pods', shop),
      abstained(),
    ],
  ];
  test.each(table)('%s', async (_name, asked, result) => {
    expect(await authorizer.authorize(asked)).toEqual(result);
  });

  test('an unreadable replica denies everything', async () => {
    const rbac = memoryRBAC({ clusterRoles: [clusterRole('reader', readPods)] });
    rbac.listers.clusterRoleBindings.failure = new Error('unreachable');
    expect(await new RBACAuthorizer(rbac.resolver).authorize(attributes(anna, 'get', 'pods'))).toEqual(
      abstained('RBAC: unreachable'),
    );
  });

  test.each([
    [new StorageError('Throttled', 'x', { retryAfterSeconds: 1 }), 429],
    [new StorageError('Unreachable', 'x'), 503],
    [newServerTimeout({ group: '', resource: 'pods' }, 'list', 2), 500],
  ])('a temporary failure is reported: %s', async (failure, code) => {
    const rbac = memoryRBAC({ clusterRoles: [clusterRole('reader', readPods)] });
    rbac.listers.clusterRoleBindings.failure = failure;
    const union = new UnionAuthorizer([{ name: 'rbac', authorizer: new RBACAuthorizer(rbac.resolver) }]);
    await expect(union.authorize(attributes(anna, 'get', 'pods'))).rejects.toMatchObject({
      status: { code, details: { retryAfterSeconds: expect.any(Number) } },
    });
  });

  test('a change of any of the four resources takes effect immediately', async () => {
    const rbac = memoryRBAC({});
    const of = new RBACAuthorizer(rbac.resolver);
    const decide = async () => (await of.authorize(attributes(anna, 'get', 'pods', shop))).decision;
    expect(await decide()).toBe('NoOpinion');
    rbac.listers.roleBindings.replace({
      metadata: { name: 'b', namespace: 'shop' },
      subjects: [subject('User', 'anna')],
      roleRef: ref('Role', 'r'),
    });
    expect(await decide()).toBe('NoOpinion');
    rbac.listers.roles.replace(role('r', 'shop', readPods));
    expect(await decide()).toBe('Allow');
    rbac.listers.roles.replace(role('r', 'shop', { ...readPods, verbs: ['list'] }));
    expect(await decide()).toBe('NoOpinion');
    rbac.listers.clusterRoleBindings.replace({
      metadata: { name: 'b' },
      subjects: [subject('Group', 'dev')],
      roleRef: ref('ClusterRole', 'c'),
    });
    rbac.listers.clusterRoles.replace(clusterRole('c', readPods));
    expect(await decide()).toBe('Allow');
    rbac.listers.clusterRoles.replace();
    expect(await decide()).toBe('NoOpinion');
  });

  test('namespaces without bindings are not cached', async () => {
    expect(await resolver.namespacePolicy('made-up-1')).toBe(await resolver.namespacePolicy('made-up-2'));
    expect(await resolver.namespacePolicy('shop')).toBe(await resolver.namespacePolicy('shop'));
    expect(await resolver.namespacePolicy('shop')).not.toBe(await resolver.namespacePolicy('made-up-1'));
  });

  test('rules are in the order of the bindings, with errors for missing roles', async () => {
    expect(await authorizer.rulesFor(user('ben', ['ops', 'dev']), 'shop')).toEqual({
      resourceRules: [
        { verbs: ['get', 'list'], apiGroups: [''], resources: ['pods'], resourceNames: [] },
        { verbs: ['get', 'list'], apiGroups: [''], resources: ['pods'], resourceNames: [] },
      ],
      nonResourceRules: [],
      incomplete: false,
      error: new Error(
        '[clusterrole.rbac.authorization.k8s.io "gone" not found, role.rbac.authorization.k8s.io "gone" not found]',
      ),
    });
  });
});
