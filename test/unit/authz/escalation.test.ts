import { describe, expect, test } from 'vitest';
import type { PolicyRule } from '../../../shared/apis/rbac/v1/types.ts';
import { compactRules, formatRule, uncoveredRules } from '../../../shared/authz/rbac/covers.ts';
import {
  bindingAuthorized,
  confirmNoEscalation,
  roleEscalationAuthorized,
} from '../../../shared/authz/rbac/escalation.ts';
import { RBACAuthorizer } from '../../../shared/authz/rbac/rbac-authorizer.ts';
import { StorageError } from '../../../shared/storage/errors.ts';
import fc from '../../fixtures/fuzz.ts';
import { memoryRBAC, user } from './fixtures.ts';

/** `get,list pods,pods/log@apps names`, groups after `@`; paths begin with a slash. */
function rule(verbs: string, what: string, ...resourceNames: string[]): PolicyRule {
  if (what.startsWith('/') || what === 'any path') {
    return { verbs: verbs.split(','), nonResourceURLs: what === 'any path' ? ['*'] : what.split(',') };
  }
  const [resources = '', groups = ''] = what.split('@');
  return {
    verbs: verbs.split(','),
    apiGroups: groups.split(','),
    resources: resources.split(','),
    ...(resourceNames.length > 0 && { resourceNames }),
  };
}

describe('uncoveredRules', () => {
  const table: [string, PolicyRule[], PolicyRule[], string[]][] = [
    ['equal', [rule('get', 'pods')], [rule('get', 'pods')], []],
    ['no owned rules', [], [rule('get', 'pods')], ['{APIGroups:[""], Resources:["pods"], Verbs:["get"]}']],
    ['no requested rules', [], [], []],
    [
      'spread over several rules',
      [rule('get', 'pods'), rule('list', 'pods')],
      [rule('get,list', 'pods')],
      [],
    ],
    ['all verbs', [rule('*', 'pods')], [rule('get,x', 'pods')], []],
    [
      "* isn't covered by all known verbs",
      [rule('get,list,watch', 'pods')],
      [rule('*', 'pods')],
      ['{APIGroups:[""], Resources:["pods"], Verbs:["*"]}'],
    ],
    ['all resources', [rule('get', '*@*')], [rule('get', 'pods/log'), rule('get', 'x@y')], []],
    ['a subresource of all', [rule('get', '*/scale@apps')], [rule('get', 'deployments/scale@apps')], []],
    [
      "a subresource of all doesn't cover the resource",
      [rule('get', '*/scale@apps')],
      [rule('get', 'deployments@apps')],
      ['{APIGroups:["apps"], Resources:["deployments"], Verbs:["get"]}'],
    ],
    [
      'other group',
      [rule('get', 'pods')],
      [rule('get', 'pods@apps')],
      ['{APIGroups:["apps"], Resources:["pods"], Verbs:["get"]}'],
    ],
    ['all names cover some', [rule('get', 'pods')], [rule('get', 'pods', 'a')], []],
    [
      "some names don't cover all",
      [rule('get', 'pods', 'a')],
      [rule('get', 'pods')],
      ['{APIGroups:[""], Resources:["pods"], Verbs:["get"]}'],
    ],
    [
      'some names cover themselves',
      [rule('get', 'pods', 'a', 'b')],
      [rule('get', 'pods', 'b', 'c')],
      ['{APIGroups:[""], Resources:["pods"], ResourceNames:["c"], Verbs:["get"]}'],
    ],
    [
      'paths by prefix',
      [rule('get', '/healthz/*')],
      [rule('get', '/healthz/a,/healthz')],
      ['{NonResourceURLs:["/healthz"], Verbs:["get"]}'],
    ],
    ['any path', [rule('get', 'any path')], [rule('get', '/x,/y/*')], []],
  ];
  test.each(table)('%s', (_name, owned, wanted, missing) => {
    expect(uncoveredRules(owned, wanted).rules.map(formatRule)).toEqual(missing);
  });
});

const many = (prefix: string, count: number) => Array.from({ length: count }, (_, at) => `${prefix}${at}`);

describe('rules of many values', () => {
  const wanted = { verbs: many('v', 3000), apiGroups: many('g', 3000), resources: many('r', 3000) };
  const first = '{APIGroups:["g0"], Resources:["r0"], Verbs:["v0"]}';

  test('are compared without expansion', () => {
    const owned = [
      { verbs: ['*'], apiGroups: ['*'], resources: many('r', 1500) },
      { verbs: ['*'], apiGroups: many('g', 2000), resources: ['*'] },
      { verbs: many('v', 3000), apiGroups: many('g', 3000), resources: ['*'] },
    ];
    expect(uncoveredRules(owned, [wanted])).toEqual({ rules: [], more: false });
  });

  test('a missing one among them is found', () => {
    const owned = [
      { verbs: ['*'], apiGroups: ['*'], resources: many('r', 2999) },
      { verbs: ['*'], apiGroups: many('g', 2999), resources: ['*'] },
      { verbs: many('v', 2999), apiGroups: ['*'], resources: ['*'] },
    ];
    const missing = [{ verbs: ['v2999'], apiGroups: ['g2999'], resources: ['r2999'] }];
    expect(uncoveredRules(owned, [wanted])).toEqual({ rules: missing, more: false });
  });

  test('missing ones are listed up to a limit', () => {
    const { rules, more } = uncoveredRules([], [wanted, wanted]);
    expect([rules.length, more, formatRule(rules[0]!)]).toEqual([1000, true, first]);
  });

  test('owned rules that are all different are rejected, not compared forever', () => {
    const owned = Array.from({ length: 300 }, (_, at) => ({
      verbs: many('v', 300).filter((_, i) => i !== at),
      apiGroups: many('g', 300).filter((_, i) => i !== at),
      resources: many('r', 300).filter((_, i) => i !== at),
    }));
    const unlike = { verbs: many('v', 300), apiGroups: many('g', 300), resources: many('r', 300) };
    expect(() => uncoveredRules(owned, [unlike])).toThrow('the rules are too many to be compared');
  });
});

test('equals the comparison of each sub-rule with each owned rule', () => {
  const among = (...values: string[]) => fc.subarray(values, { minLength: 1 });
  const ofResources = fc.record({
    verbs: among('get', 'list', '*'),
    apiGroups: among('', 'apps', '*'),
    resources: among('pods', 'pods/log', '*/log', '*'),
    resourceNames: fc.subarray(['a', 'b']),
  });
  const ofPaths = fc.record({
    verbs: among('get', 'list', '*'),
    nonResourceURLs: among('/a', '/a/*', '/a/b', '*'),
  });
  const rules = fc.array(fc.oneof(ofResources, ofPaths), { maxLength: 4 });
  const names = (owned: PolicyRule, wanted: string | undefined) =>
    !owned.resourceNames?.length || (wanted !== undefined && owned.resourceNames.includes(wanted));
  const has = (list: readonly string[] | null | undefined, ...any: string[]) =>
    any.some((value) => list?.includes(value));
  fc.assert(
    fc.property(rules, rules, (owned, wanted) => {
      const expected = wanted.flatMap((rule: PolicyRule) => [
        ...(rule.apiGroups ?? []).flatMap((group) =>
          (rule.resources ?? []).flatMap((resource) =>
            (rule.verbs ?? []).flatMap((verb) =>
              (rule.resourceNames?.length ? rule.resourceNames : [undefined]).flatMap((name) =>
                owned.some(
                  (one: PolicyRule) =>
                    has(one.verbs, '*', verb) &&
                    has(one.apiGroups, '*', group) &&
                    has(one.resources, '*', resource, resource.replace(/^[^/]*(?=\/)/, '*')) &&
                    names(one, name),
                )
                  ? []
                  : [
                      {
                        verbs: [verb],
                        apiGroups: [group],
                        resources: [resource],
                        ...(name && { resourceNames: [name] }),
                      },
                    ],
              ),
            ),
          ),
        ),
        ...(rule.nonResourceURLs ?? []).flatMap((url) =>
          (rule.verbs ?? []).flatMap((verb) =>
            owned.some(
              (one: PolicyRule) =>
                has(one.verbs, '*', verb) &&
                names(one, undefined) &&
                one.nonResourceURLs?.some(
                  (pattern) =>
                    pattern === url ||
                    pattern === '*' ||
                    (pattern.endsWith('*') && url.startsWith(pattern.slice(0, -1))),
                ),
            )
              ? []
              : [{ verbs: [verb], nonResourceURLs: [url] }],
          ),
        ),
      ]);
      expect(uncoveredRules(owned, wanted)).toEqual({ rules: expected, more: false });
    }),
  );
});

test('compactRules merges verbs of the same resource only', () => {
  const rules = [
    rule('get', 'pods'),
    rule('get', 'pods,nodes'),
    rule('list', 'pods'),
    rule('get', 'pods', 'a'),
    rule('get', '/x'),
  ];
  expect(compactRules(rules).map(formatRule)).toEqual([
    '{APIGroups:[""], Resources:["pods" "nodes"], Verbs:["get"]}',
    '{NonResourceURLs:["/x"], Verbs:["get"]}',
    '{APIGroups:[""], Resources:["pods"], Verbs:["get" "list"]}',
    '{APIGroups:[""], Resources:["pods"], ResourceNames:["a"], Verbs:["get"]}',
  ]);
});

describe('granting', () => {
  const apiGroup = 'rbac.authorization.k8s.io';
  const bind = (name: string, who: string, role: string, namespace?: string) => ({
    metadata: { name, namespace },
    subjects: [{ kind: 'User', name: who }],
    roleRef: { apiGroup, kind: 'ClusterRole', name: role },
  });
  const { resolver } = memoryRBAC({
    clusterRoles: [
      { metadata: { name: 'pods' }, rules: [rule('get,list', 'pods')] },
      { metadata: { name: 'bind-view' }, rules: [rule('bind', `clusterroles@${apiGroup}`, 'view')] },
      { metadata: { name: 'escalate' }, rules: [rule('escalate', `roles@${apiGroup}`, 'mine')] },
    ],
    clusterRoleBindings: [bind('c', 'carl', 'escalate')],
    roleBindings: [
      bind('a', 'anna', 'pods', 'shop'),
      bind('b', 'anna', 'gone', 'shop'),
      bind('c', 'anna', 'bind-view', 'shop'),
    ],
  });
  const authorizer = new RBACAuthorizer(resolver);
  const anna = user('anna', ['dev', 'system:authenticated']);

  test('rights that the user has', async () => {
    await confirmNoEscalation(resolver, { user: anna, namespace: 'shop', rules: [rule('get', 'pods')] });
  });

  test('rights that the user lacks', async () => {
    const rules = [rule('get,delete', 'pods'), rule('get', 'secrets'), rule('watch', 'secrets')];
    await expect(confirmNoEscalation(resolver, { user: anna, namespace: 'shop', rules })).rejects.toThrow(
      new Error(
        `user "anna" (groups=["dev" "system:authenticated"]) is attempting to grant RBAC permissions not currently held:
{APIGroups:[""], Resources:["pods"], Verbs:["delete"]}
{APIGroups:[""], Resources:["secrets"], Verbs:["get" "watch"]}; resolution errors: [clusterrole.rbac.authorization.k8s.io "gone" not found]`,
      ),
    );
  });

  test("rights that can't be read at present", async () => {
    const rbac = memoryRBAC({});
    rbac.listers.clusterRoleBindings.failure = new StorageError('Throttled', 'x', { retryAfterSeconds: 1 });
    const grant = { user: anna, namespace: '', rules: [rule('get', 'pods')] };
    await expect(confirmNoEscalation(rbac.resolver, grant)).rejects.toMatchObject({
      status: { code: 429, details: { retryAfterSeconds: 1 } },
    });
  });

  test('rights in another namespace only', async () => {
    await expect(
      confirmNoEscalation(resolver, { user: anna, namespace: '', rules: [rule('get', 'pods')] }),
    ).rejects.toThrow('RBAC permissions not currently held');
  });

  test.each([
    ['the named role in its namespace', 'anna', 'ClusterRole', 'view', 'shop', true],
    ['another role', 'anna', 'ClusterRole', 'admin', 'shop', false],
    ['a Role of the same name', 'anna', 'Role', 'view', 'shop', false],
    ['cluster-wide', 'anna', 'ClusterRole', 'view', '', false],
    ['an unknown kind', 'anna', 'Group', 'view', 'shop', false],
  ])('bind: %s', async (_name, who, kind, name, namespace, allowed) => {
    const binding = { user: user(who), roleRef: { apiGroup, kind, name }, namespace };
    expect(await bindingAuthorized(authorizer, binding)).toBe(allowed);
  });

  test.each([
    ['carl', 'roles', 'mine', true],
    ['carl', 'roles', 'other', false],
    ['carl', 'clusterroles', 'mine', false],
    ['anna', 'roles', 'mine', false],
  ] as const)('escalate: %s %s %s', async (who, resource, name, allowed) => {
    const role = { user: user(who), resource, namespace: 'shop', name };
    expect(await roleEscalationAuthorized(authorizer, role)).toBe(allowed);
  });
});
