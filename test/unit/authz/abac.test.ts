import { describe, expect, test } from 'vitest';
import { ABACAuthorizer } from '../../../shared/authz/abac/abac-authorizer.ts';
import { parsePolicyFile } from '../../../shared/authz/abac/policy.ts';
import type { AuthorizerAttributes } from '../../../shared/authz/authorizer.ts';
import { attributes, nonResource, user } from './fixtures.ts';

const authorizer = (...lines: unknown[]): ABACAuthorizer =>
  new ABACAuthorizer(parsePolicyFile(lines.map((line) => JSON.stringify(line)).join('\n'), 'policy.jsonl'));
const policy = (spec: object) => ({
  apiVersion: 'abac.authorization.kubernetes.io/v1beta1',
  kind: 'Policy',
  spec,
});
const decision = async (abac: ABACAuthorizer, what: AuthorizerAttributes): Promise<string> =>
  (await abac.authorize(what)).decision;

const ALICE = user('alice', ['system:authenticated']);
const BOB = user('bob', ['system:authenticated', 'dev']);

describe('policies with a version', () => {
  const abac = authorizer(
    policy({ user: 'alice', namespace: 'shop', resource: 'pods', apiGroup: '*' }),
    policy({ group: 'dev', namespace: '*', resource: '*', apiGroup: '*', readonly: true }),
    policy({ user: 'bob', group: 'ops', namespace: '*', resource: '*', apiGroup: '*' }),
    policy({ user: '*', nonResourcePath: '/version*', readonly: true }),
    policy({ namespace: '*', resource: '*', apiGroup: '*', nonResourcePath: '*' }),
  );

  test.each<[string, AuthorizerAttributes, string]>([
    ["the line's request", attributes(ALICE, 'create', 'pods', { namespace: 'shop' }), 'Allow'],
    ['another namespace', attributes(ALICE, 'create', 'pods', { namespace: 'other' }), 'NoOpinion'],
    ['no namespace', attributes(ALICE, 'list', 'pods'), 'NoOpinion'],
    ['another resource', attributes(ALICE, 'get', 'secrets', { namespace: 'shop' }), 'NoOpinion'],
    ['a group can read', attributes(BOB, 'watch', 'secrets', { namespace: 'other' }), 'Allow'],
    ["a group can't write", attributes(BOB, 'create', 'secrets', { namespace: 'other' }), 'NoOpinion'],
    ['user and group must both match', attributes(BOB, 'delete', 'nodes'), 'NoOpinion'],
    ['paths by prefix', nonResource(ALICE, 'get', '/version/extra'), 'Allow'],
    ['paths, writing', nonResource(ALICE, 'post', '/version'), 'NoOpinion'],
    ['other paths', nonResource(ALICE, 'get', '/metrics'), 'NoOpinion'],
    ['a line without subjects', attributes(user('eve'), 'get', 'pods'), 'NoOpinion'],
  ])('%s', async (_name, what, expected) => {
    expect(await decision(abac, what)).toBe(expected);
  });

  test('rules', async () => {
    const { resourceRules, nonResourceRules } = await abac.rulesFor(BOB, 'shop');
    expect(resourceRules).toEqual([
      { verbs: ['get', 'list', 'watch'], apiGroups: ['*'], resources: ['*'], resourceNames: [] },
    ]);
    expect(nonResourceRules).toEqual([]);
  });
});

describe('policies without a version', () => {
  test.each<[string, object, AuthorizerAttributes, string]>([
    ['one user, all', { user: 'alice' }, attributes(ALICE, 'delete', 'nodes'), 'Allow'],
    ['one user, paths', { user: 'alice' }, nonResource(ALICE, 'get', '/metrics'), 'Allow'],
    ['another', { user: 'alice' }, attributes(BOB, 'get', 'pods'), 'NoOpinion'],
    ['no subject: authenticated users', {}, attributes(BOB, 'get', 'pods'), 'Allow'],
    ['no subject: not anonymous users', {}, attributes(user('system:anonymous'), 'get', 'pods'), 'NoOpinion'],
    ['everybody', { user: '*' }, attributes(BOB, 'get', 'pods'), 'Allow'],
    ['all users, not anonymous ones', { user: '*' }, attributes(user('x'), 'get', 'pods'), 'NoOpinion'],
    ['resource', { user: 'alice', resource: 'pods' }, nonResource(ALICE, 'get', '/metrics'), 'NoOpinion'],
    ['readonly', { user: 'alice', readonly: true }, attributes(ALICE, 'create', 'pods'), 'NoOpinion'],
  ])('%s', async (_name, line, what, expected) => {
    expect(await decision(authorizer(line), what)).toBe(expected);
  });
});

test.each([
  ['invalid JSON', '{', 'line 1'],
  ['not an object', '[]', 'must be an object'],
  ['an unknown field', '{"users":"alice"}', 'unknown field "users"'],
  ['an unknown field of spec', JSON.stringify(policy({ users: 'alice' })), 'unknown field "users"'],
  ['another kind', '{"apiVersion":"v1","kind":"Policy","spec":{}}', 'no kind "Policy"'],
  ["readonly that isn't boolean", '{"readonly":"true"}', 'readonly must be true or false'],
  ['a list for a user', '{"user":["a"]}', 'user must be a string'],
])('a policy file with %s is rejected', (_name, text, message) => {
  expect(() => parsePolicyFile(text, 'policy.jsonl')).toThrow(message);
});

test('comments and empty lines', () => {
  expect(parsePolicyFile('# nothing\n\n  \n{"user":"alice"}\n', 'p')).toHaveLength(1);
});
