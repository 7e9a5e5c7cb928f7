import { expect, test } from 'vitest';
import { AlwaysAllowAuthorizer } from '../../../shared/authz/always-allow-authorizer.ts';
import { AlwaysDenyAuthorizer } from '../../../shared/authz/always-deny-authorizer.ts';
import type { AuthorizationResult, Authorizer } from '../../../shared/authz/authorizer.ts';
import { forbiddenStatusError } from '../../../shared/authz/forbidden.ts';
import { PrivilegedGroupsAuthorizer } from '../../../shared/authz/privileged-groups-authorizer.ts';
import { UnionAuthorizer, UnionRuleResolver } from '../../../shared/authz/union-authorizer.ts';
import { attributes, nonResource, user } from './fixtures.ts';

const says = (result: AuthorizationResult): Authorizer => ({ authorize: async () => result });
const abstain = (reason: string, error?: Error) => says({ decision: 'NoOpinion', reason, error });
const allow = new AlwaysAllowAuthorizer();
const masters = new PrivilegedGroupsAuthorizer('system:masters');
const asked = attributes(user('anna', ['system:masters2']), 'get', 'pods');

const table: [string, Authorizer[], AuthorizationResult][] = [
  ['none', [], { decision: 'NoOpinion', reason: '', error: undefined }],
  [
    'the first opinion wins',
    [abstain('hm'), says({ decision: 'Deny', reason: 'no' }), allow],
    { decision: 'Deny', reason: 'no' },
  ],
  [
    'an allow hides earlier errors',
    [abstain('', new Error('down')), allow],
    { decision: 'Allow', reason: '' },
  ],
  [
    'reasons and errors are joined',
    [abstain('x', new Error('e1')), abstain(''), abstain('y', new Error('e2'))],
    { decision: 'NoOpinion', reason: 'a0: x\na2: y', error: new Error('[e1, e2]') },
  ],
  ['AlwaysDeny has no opinion', [new AlwaysDenyAuthorizer(), allow], { decision: 'Allow', reason: '' }],
  [
    'AlwaysDeny alone',
    [new AlwaysDenyAuthorizer()],
    { decision: 'NoOpinion', reason: 'a0: Everything is forbidden.', error: undefined },
  ],
  ['a group with a similar name', [masters], { decision: 'NoOpinion', reason: '', error: undefined }],
];
const named = (chain: readonly Authorizer[]) =>
  chain.map((authorizer, index) => ({ name: `a${index}`, authorizer }));

test.each(table)('union: %s', async (_name, chain, result) => {
  expect(await new UnionAuthorizer(named(chain)).authorize(asked)).toEqual(result);
});

test('a member of a privileged group may do everything', async () => {
  const who = user('root', ['dev', 'system:masters']);
  expect(await masters.authorize(nonResource(who, 'delete', '/'))).toEqual({ decision: 'Allow', reason: '' });
});

test('union of rules: incomplete if any member is', async () => {
  const partial = {
    rulesFor: async () => ({
      resourceRules: [],
      nonResourceRules: [{ verbs: ['get'], nonResourceURLs: ['/x'] }],
      incomplete: true,
      error: new Error('webhook authorizer does not support user rule resolution'),
    }),
  };
  expect(await new UnionRuleResolver([allow, partial]).rulesFor(user('x'), 'ns')).toEqual({
    resourceRules: [{ verbs: ['*'], apiGroups: ['*'], resources: ['*'], resourceNames: [] }],
    nonResourceRules: [
      { verbs: ['*'], nonResourceURLs: ['*'] },
      { verbs: ['get'], nonResourceURLs: ['/x'] },
    ],
    incomplete: true,
    error: new Error('webhook authorizer does not support user rule resolution'),
  });
});

const anna = user('anna');
const messages: [ReturnType<typeof attributes>, string, string][] = [
  [
    attributes(anna, 'list', 'pods'),
    '',
    'pods is forbidden: User "anna" cannot list resource "pods" in API group "" at the cluster scope',
  ],
  [
    attributes(anna, 'get', 'deployments.apps/scale', { namespace: 'shop', name: 'web' }),
    'RBAC: x',
    'deployments.apps "web" is forbidden: User "anna" cannot get resource "deployments/scale" in API group "apps" in the namespace "shop": RBAC: x',
  ],
  [nonResource(anna, 'get', '/metrics'), '', 'forbidden: User "anna" cannot get path "/metrics"'],
  [
    nonResource(user('<b>&'), 'get', '/<script>'),
    '',
    'forbidden: User "&lt;b&gt;&amp;" cannot get path "/&lt;script&gt;"',
  ],
];
test.each(messages)('forbidden %#', (refused, reason, message) => {
  expect(forbiddenStatusError(refused, reason).status).toMatchObject({
    code: 403,
    reason: 'Forbidden',
    message,
  });
});
