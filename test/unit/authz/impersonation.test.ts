import { describe, expect, test } from 'vitest';
import type { PolicyRule } from '../../../shared/apis/rbac/v1/types.ts';
import type { Authorizer } from '../../../shared/authz/authorizer.ts';
import { wantedUser, withoutImpersonationHeaders } from '../../../shared/authz/impersonation/headers.ts';
import { impersonate, type ModeMemory } from '../../../shared/authz/impersonation/impersonate.ts';
import { RBACAuthorizer } from '../../../shared/authz/rbac/rbac-authorizer.ts';
import { headerFields } from '../../../shared/request/api-request.ts';
import type { UserInfo } from '../../../shared/request/user-info.ts';
import { BoundedCache } from '../../../shared/util/bounded-cache.ts';
import { attributes, memoryRBAC, user } from './fixtures.ts';

describe('wantedUser', () => {
  const table: [string, [string, string][], UserInfo | string | undefined][] = [
    ['no impersonation headers', [['accept', '*/*']], undefined],
    ['an empty name is no impersonation', [['Impersonate-User', '']], undefined],
    [
      'everything',
      [
        ['Impersonate-User', 'bob'],
        ['Impersonate-Uid', '7'],
        ['Impersonate-Group', 'a'],
        ['Impersonate-Group', 'b'],
        ['Impersonate-Extra-Acme.com%2Fteam', 'x'],
        ['Impersonate-Extra-acme.com%2fteam', 'y'],
      ],
      user('bob', ['a', 'b'], { uid: '7', extra: { 'acme.com/team': ['x', 'y'] } }),
    ],
    [
      'a key with invalid encoding',
      [
        ['Impersonate-User', 'bob'],
        ['Impersonate-Extra-100%', 'x'],
      ],
      user('bob', [], { extra: { '100%': ['x'] } }),
    ],
    [
      'a key from Object.prototype',
      [
        ['Impersonate-User', 'bob'],
        ['Impersonate-Extra-__proto__', 'x'],
      ],
      user('bob', [], { extra: Object.fromEntries([['__proto__', ['x']]]) }),
    ],
    [
      'groups without a name',
      [['Impersonate-Group', 'a']],
      'requested &user.DefaultInfo{Name:"", UID:"", Groups:[]string{"a"}, Extra:map[string][]string(nil)} without impersonating a user name',
    ],
    [
      'a UID without a name',
      [
        ['Impersonate-Uid', '7'],
        ['Impersonate-User', ''],
      ],
      'requested &user.DefaultInfo{Name:"", UID:"7", Groups:[]string(nil), Extra:map[string][]string(nil)} without impersonating a user name',
    ],
    [
      'extra without a name',
      [['Impersonate-Extra-A', 'x']],
      'requested &user.DefaultInfo{Name:"", UID:"", Groups:[]string(nil), Extra:map[string][]string{"a":[]string{"x"}}} without impersonating a user name',
    ],
  ];
  test.each(table)('%s', (_name, lines, expected) => {
    const headers = headerFields(lines);
    if (typeof expected === 'string') expect(() => wantedUser(headers, true)).toThrow(expected);
    else expect(wantedUser(headers, true)).toEqual(expected);
  });

  test.each<[[string, string], string]>([
    [['Impersonate-Group', 'a'], '[{Group  a    }]'],
    [['Impersonate-Uid', '7'], '[{UID  7  authentication.k8s.io/v1  }]'],
    [['Impersonate-Extra-A', 'x'], '[{UserExtra  x  authentication.k8s.io/v1  a}]'],
  ])('without a name, with plain impersonation only: %j', (line, asked) => {
    expect(() => wantedUser(headerFields([line]), false)).toThrow(
      `requested ${asked} without impersonating a user`,
    );
  });

  test('the headers are removed', () => {
    const lines: [string, string][] = [
      ['Impersonate-User', 'a'],
      ['impersonate-group', 'b'],
      ['Impersonate-Uid', 'c'],
      ['Impersonate-Extra-X', 'd'],
      ['Accept', 'e'],
    ];
    expect([...withoutImpersonationHeaders(headerFields(lines))]).toEqual([['accept', ['e']]]);
  });
});

describe('impersonate', () => {
  const allow = (
    verbs: string,
    group: string,
    resources: string,
    ...resourceNames: string[]
  ): PolicyRule => ({
    verbs: verbs.split(','),
    apiGroups: [group],
    resources: resources.split(','),
    ...(resourceNames.length > 0 && { resourceNames }),
  });
  const authn = 'authentication.k8s.io';
  /** Authorizes by rules bound to the requestor, cluster-wide. */
  const rights = (who: string, ...rules: PolicyRule[]) => {
    const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'r' };
    const { resolver } = memoryRBAC({
      clusterRoles: [{ metadata: { name: 'r' }, rules }],
      clusterRoleBindings: [{ metadata: { name: 'b' }, subjects: [{ kind: 'User', name: who }], roleRef }],
    });
    return new RBACAuthorizer(resolver);
  };
  const anna = user('anna', ['dev']);
  const agent = user('system:serviceaccount:kube-system:agent', [], {
    extra: { 'authentication.kubernetes.io/node-name': ['n1'] },
  });
  const listPods = (who: UserInfo) => attributes(who, 'list', 'pods');
  const nodes = ['system:nodes', 'system:authenticated'];

  test('with the gate off, by `impersonate` alone', async () => {
    const constrained = rights(
      'anna',
      allow('impersonate:user-info', authn, 'users'),
      allow('impersonate-on:user-info:list', '', 'pods'),
    );
    const request = { attributes: listPods(anna), wanted: user('bob') };
    expect((await impersonate(constrained, request)).constraint).toBe('impersonate:user-info');
    await expect(impersonate(constrained, { ...request, constrained: false })).rejects.toThrow(
      'users "bob" is forbidden: User "anna" cannot impersonate resource "users" in API group "" at the cluster scope',
    );
    const legacy = rights('anna', allow('impersonate', '', 'users'));
    expect(await impersonate(legacy, { ...request, constrained: false })).toEqual({
      user: user('bob', ['system:authenticated']),
      constraint: '',
    });
  });

  test('the mode that last succeeded is tried first, and its refusal is reported', async () => {
    const asked: string[] = [];
    const rules = rights('anna', allow('impersonate', '', 'users', 'bob'));
    const authorizer: Authorizer = {
      authorize: (question) => {
        asked.push(`${question.verb} ${question.name}`);
        return rules.authorize(question);
      },
    };
    const memory: ModeMemory = new BoundedCache({ max: 10 });
    const as = (name: string) =>
      impersonate(authorizer, { attributes: listPods(anna), wanted: user(name), memory });
    await expect(as('eve')).rejects.toThrow('cannot impersonate-on:user-info:list resource "pods"');
    expect(await as('bob')).toMatchObject({ constraint: '' });
    asked.length = 0;
    expect(await as('bob')).toMatchObject({ constraint: '' });
    expect(asked).toEqual(['impersonate bob']);
    await expect(as('eve')).rejects.toThrow('users "eve" is forbidden: User "anna" cannot impersonate');
  });

  const allowed: [string, UserInfo, PolicyRule[], UserInfo, UserInfo, string][] = [
    [
      'a user, by the older verb',
      anna,
      [allow('impersonate', '', 'users', 'bob')],
      user('bob'),
      user('bob', ['system:authenticated']),
      '',
    ],
    [
      'groups and all other attributes',
      anna,
      [allow('impersonate', '', 'users,groups'), allow('impersonate', authn, 'uids,userextras/team')],
      user('bob', ['a'], { uid: '7', extra: { team: ['x'] } }),
      user('bob', ['a', 'system:authenticated'], { uid: '7', extra: { team: ['x'] } }),
      '',
    ],
    [
      'system:authenticated requested',
      anna,
      [allow('impersonate', '', 'users,groups')],
      user('bob', ['system:authenticated', 'a']),
      user('bob', ['system:authenticated', 'a']),
      '',
    ],
    [
      'system:unauthenticated requested',
      anna,
      [allow('impersonate', '', 'users,groups')],
      user('bob', ['system:unauthenticated']),
      user('bob', ['system:unauthenticated']),
      '',
    ],
    [
      'anonymous',
      anna,
      [allow('impersonate', '', 'users')],
      user('system:anonymous'),
      user('system:anonymous', ['system:unauthenticated']),
      '',
    ],
    [
      'a service account gets its groups',
      anna,
      [allow('impersonate', '', 'serviceaccounts', 'bot')],
      user('system:serviceaccount:ci:bot'),
      user('system:serviceaccount:ci:bot', [
        'system:serviceaccounts',
        'system:serviceaccounts:ci',
        'system:authenticated',
      ]),
      '',
    ],
    [
      'a service account with other groups',
      anna,
      [allow('impersonate', '', 'serviceaccounts,groups')],
      user('system:serviceaccount:ci:bot', ['x']),
      user('system:serviceaccount:ci:bot', ['x', 'system:authenticated']),
      '',
    ],
    [
      'user-info',
      anna,
      [
        allow('impersonate:user-info', authn, 'users,groups', 'bob', 'a'),
        allow('impersonate-on:user-info:list', '', 'pods'),
      ],
      user('bob', ['a']),
      user('bob', ['a', 'system:authenticated']),
      'impersonate:user-info',
    ],
    [
      'many groups at once',
      anna,
      [
        allow('impersonate:user-info', authn, 'users,groups', 'bob', '*'),
        allow('impersonate-on:user-info:list', '', 'pods'),
      ],
      user('bob', ['a', 'b', 'c', 'd']),
      user('bob', ['a', 'b', 'c', 'd', 'system:authenticated']),
      'impersonate:user-info',
    ],
    [
      'a service account, constrained',
      anna,
      [
        allow('impersonate:serviceaccount', authn, 'serviceaccounts'),
        allow('impersonate-on:serviceaccount:list', '', 'pods'),
      ],
      user('system:serviceaccount:ci:bot'),
      user('system:serviceaccount:ci:bot', [
        'system:serviceaccounts',
        'system:serviceaccounts:ci',
        'system:authenticated',
      ]),
      'impersonate:serviceaccount',
    ],
    [
      'a node',
      anna,
      [
        allow('impersonate:arbitrary-node', authn, 'nodes', 'n1'),
        allow('impersonate-on:arbitrary-node:list', '', 'pods'),
      ],
      user('system:node:n1'),
      user('system:node:n1', nodes),
      'impersonate:arbitrary-node',
    ],
    [
      "the user's own node",
      agent,
      [
        allow('impersonate:associated-node', authn, 'nodes'),
        allow('impersonate-on:associated-node:list', '', 'pods'),
      ],
      user('system:node:n1'),
      user('system:node:n1', nodes),
      'impersonate:associated-node',
    ],
  ];
  test.each(allowed)('allowed: %s', async (_name, who, rules, wanted, becomes, constraint) => {
    expect(await impersonate(rights(who.name, ...rules), { attributes: listPods(who), wanted })).toEqual({
      user: becomes,
      constraint,
    });
  });

  const refused: [string, UserInfo, PolicyRule[], UserInfo, string][] = [
    [
      'without any permission',
      anna,
      [],
      user('bob'),
      'pods is forbidden: User "anna" cannot impersonate-on:user-info:list resource "pods" in API group "" at the cluster scope',
    ],
    [
      'another user',
      anna,
      [allow('impersonate', '', 'users', 'eve')],
      user('bob'),
      'cannot impersonate-on:user-info:list',
    ],
    [
      'the user, but not the group',
      anna,
      [allow('impersonate', '', 'users', 'bob')],
      user('bob', ['system:masters']),
      'cannot impersonate-on:user-info:list',
    ],
    [
      'system:masters by a constrained verb',
      anna,
      [allow('*', authn, '*'), allow('impersonate-on:user-info:list', '', 'pods')],
      user('bob', ['system:masters']),
      'groups.authentication.k8s.io "system:masters" is forbidden: User "anna" cannot impersonate:user-info resource "groups" in API group "authentication.k8s.io" at the cluster scope: impersonating the system:masters group is not allowed',
    ],
    [
      'an empty group by a constrained verb',
      anna,
      [allow('*', authn, '*'), allow('impersonate-on:user-info:list', '', 'pods')],
      user('bob', ['']),
      'impersonating the empty string group is not allowed',
    ],
    [
      'extra without a domain by a constrained verb',
      anna,
      [allow('*', authn, '*'), allow('impersonate-on:user-info:list', '', 'pods')],
      user('bob', [], { extra: { team: ['x'] } }),
      'impersonating an invalid key in extra is not allowed: extra.key: Invalid value: "team": must be a domain-prefixed path (such as "acme.io/foo")',
    ],
    [
      "a node isn't covered by the right to users",
      anna,
      [allow('impersonate:user-info', authn, '*'), allow('impersonate-on:user-info:list', '', 'pods')],
      user('system:node:n1'),
      'cannot impersonate-on:arbitrary-node:list',
    ],
    [
      "a service account isn't covered by the right to users",
      anna,
      [allow('impersonate', '', 'users')],
      user('system:serviceaccount:ci:bot'),
      'cannot impersonate-on:serviceaccount:list',
    ],
    [
      'the right to impersonate without the right to the request',
      anna,
      [allow('impersonate:user-info', authn, '*'), allow('impersonate-on:user-info:get', '', 'pods')],
      user('bob'),
      'cannot impersonate-on:user-info:list',
    ],
    [
      "another node than the user's own",
      agent,
      [
        allow('impersonate:associated-node', authn, 'nodes'),
        allow('impersonate-on:associated-node:list', '', 'pods'),
      ],
      user('system:node:n2'),
      'cannot impersonate-on:arbitrary-node:list',
    ],
    [
      "the user's own node without the right to it",
      agent,
      [allow('impersonate-on:associated-node:list', '', 'pods')],
      user('system:node:n1'),
      'nodes.authentication.k8s.io "*" is forbidden: User "system:serviceaccount:kube-system:agent" cannot impersonate:associated-node resource "nodes"',
    ],
  ];
  test.each(refused)('denied: %s', async (_name, who, rules, wanted, message) => {
    await expect(
      impersonate(rights(who.name, ...rules), { attributes: listPods(who), wanted }),
    ).rejects.toThrow(message);
  });
});
