import { describe, expect, test } from 'vitest';
import type { PolicyRule } from '../../../shared/apis/rbac/v1/types.ts';
import { compactRules, formatRule, uncoveredRules } from '../../../shared/authz/rbac/covers.ts';
import {
  bindingAuthorized,
  confirmNoEscalation,
  roleEscalationAuthorized,
} from '../../../shared/authz/rbac/escalation.ts';
import { RBACAuthorizer } from '../../../shared/authz/rbac/rbac-authorizer.ts';
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
    ['nothing owned', [], [rule('get', 'pods')], ['{APIGroups:[""], Resources:["pods"], Verbs:["get"]}']],
    ['nothing wanted', [], [], []],
    [
      'spread over several rules',
      [rule('get', 'pods'), rule('list', 'pods')],
      [rule('get,list', 'pods')],
      [],
    ],
    ['all verbs', [rule('*', 'pods')], [rule('get,x', 'pods')], []],
    [
      '* is not all verbs named',
      [rule('get,list,watch', 'pods')],
      [rule('*', 'pods')],
      ['{APIGroups:[""], Resources:["pods"], Verbs:["*"]}'],
    ],
    ['all resources', [rule('get', '*@*')], [rule('get', 'pods/log'), rule('get', 'x@y')], []],
    ['a subresource of all', [rule('get', '*/scale@apps')], [rule('get', 'deployments/scale@apps')], []],
    [
      'a subresource of all does not give the resource',
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
      'some names do not cover all',
      [rule('get', 'pods', 'a')],
      [rule('get', 'pods')],
      ['{APIGroups:[""], Resources:["pods"], Verbs:["get"]}'],
    ],
    [
      'some names cover those',
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
    expect(uncoveredRules(owned, wanted).map(formatRule)).toEqual(missing);
  });
});

test('compactRules joins verbs of one resource only', () => {
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

  test('what one holds', async () => {
    await confirmNoEscalation(resolver, { user: anna, namespace: 'shop', rules: [rule('get', 'pods')] });
  });

  test('more than one holds', async () => {
    const rules = [rule('get,delete', 'pods'), rule('get', 'secrets'), rule('watch', 'secrets')];
    await expect(confirmNoEscalation(resolver, { user: anna, namespace: 'shop', rules })).rejects.toThrow(
      new Error(
        `user "anna" (groups=["dev" "system:authenticated"]) is attempting to grant RBAC permissions not currently held:
{APIGroups:[""], Resources:["pods"], Verbs:["delete"]}
{APIGroups:[""], Resources:["secrets"], Verbs:["get" "watch"]}; resolution errors: [clusterrole.rbac.authorization.k8s.io "gone" not found]`,
      ),
    );
  });

  test('what one holds in another namespace only', async () => {
    await expect(
      confirmNoEscalation(resolver, { user: anna, namespace: '', rules: [rule('get', 'pods')] }),
    ).rejects.toThrow('RBAC permissions not currently held');
  });

  test.each([
    ['the role named, there', 'anna', 'ClusterRole', 'view', 'shop', true],
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
