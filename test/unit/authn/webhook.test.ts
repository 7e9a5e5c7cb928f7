import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { WebhookTokenAuthenticator } from '../../../shared/authn/token/webhook-token-authenticator.ts';
import { GenericWebhook } from '../../../shared/request/webhook/generic-webhook.ts';
import { parseKubeconfig } from '../../../shared/request/webhook/kubeconfig.ts';
import { NO_WAIT, startWebhook, type TestWebhook } from '../../fixtures/webhook.ts';

let webhook: TestWebhook;
beforeAll(async () => {
  webhook = await startWebhook(() => ({ body: {} }));
});
afterAll(() => webhook.close());
beforeEach(() => {
  webhook.asked.length = 0;
});

const ask = (
  status: unknown,
  wanted: readonly string[] = [],
  code = 200,
  version: 'v1' | 'v1beta1' = 'v1',
) => {
  webhook.answer = () => ({ status: code, body: { status } });
  return new WebhookTokenAuthenticator({
    client: new GenericWebhook({ url: webhook.url }, { timeoutMs: 2000 }),
    version,
    apiAudiences: ['api'],
    backoff: NO_WAIT,
  }).authenticateToken('secret', wanted);
};
const USER = { username: 'anna', uid: '7', groups: ['dev'], extra: { scope: ['a'] } };
const ANNA = { name: 'anna', uid: '7', groups: ['dev'], extra: { scope: ['a'] } };

test.each(['v1', 'v1beta1'] as const)('asks by TokenReview %s', async (version) => {
  const answer = await ask({ authenticated: true, user: USER }, ['api'], 200, version);
  expect(answer).toEqual({ user: ANNA, audiences: ['api'] });
  expect(webhook.asked[0]!.body).toEqual({
    kind: 'TokenReview',
    apiVersion: `authentication.k8s.io/${version}`,
    metadata: {},
    spec: { token: 'secret', audiences: ['api'] },
    status: { user: {} },
  });
});

test.each<[string, object, readonly string[], readonly string[] | undefined]>([
  ['none requested', { audiences: ['other'] }, [], []],
  ['the requested one', { audiences: ['other', 'more'] }, ['other'], ['other']],
  ['another', { audiences: ['other'] }, ['api'], undefined],
  ["none in the response: the server's", {}, ['api'], ['api']],
  ["none in the response, and a requested one that isn't the server's", {}, ['other'], undefined],
])('audiences: %s', async (_name, status, wanted, expected) => {
  const answer = await ask({ authenticated: true, user: USER, ...status }, wanted);
  expect(answer?.audiences).toEqual(expected);
});

test.each<[string, unknown]>([
  ['false', { authenticated: false, user: USER }],
  ['nothing', { user: USER }],
  ['a string', { authenticated: 'true', user: USER }],
])('authenticated is %s', async (_name, status) => {
  expect(await ask(status)).toBeUndefined();
});

test.each<[string, unknown, string]>([
  ['an error', { error: 'the token is old' }, 'the token is old'],
  ['no status', undefined, 'returned a review without a user'],
  [
    "groups that aren't a list",
    { authenticated: true, user: { ...USER, groups: 'system:masters' } },
    'returned a review without a user',
  ],
  [
    "a name that isn't a string",
    { authenticated: true, user: { username: 7 } },
    'returned a review without a user',
  ],
  [
    "extra that isn't a map of lists",
    { authenticated: true, user: { ...USER, extra: { a: 'b' } } },
    'returned a review without a user',
  ],
])('an answer with %s', async (_name, status, message) => {
  await expect(ask(status)).rejects.toThrow(message);
});

test.each([
  [500, 3],
  [401, 1],
])('status %d: called %d times', async (code, times) => {
  await expect(ask({ authenticated: true, user: USER }, [], code)).rejects.toThrow(`status ${code}`);
  expect(webhook.asked).toHaveLength(times);
});

describe('kubeconfig', () => {
  const config = (more: object = {}, user: object = { token: 't' }, cluster: object = {}) =>
    JSON.stringify({
      apiVersion: 'v1',
      kind: 'Config',
      'current-context': 'c',
      contexts: [{ name: 'c', context: { cluster: 'k', user: 'u' } }],
      clusters: [{ name: 'k', cluster: { server: 'https://hook.example/x', ...cluster } }],
      users: [{ name: 'u', user }],
      ...more,
    });
  const files = (name: string) => `content of ${name}\n`;

  test('data, files and tokens', async () => {
    const data = Buffer.from('PEM').toString('base64');
    expect(
      await parseKubeconfig(
        config(
          {},
          { 'client-certificate-data': data, 'client-key': 'key.pem', tokenFile: 'token' },
          { 'certificate-authority': 'ca.pem' },
        ),
        files,
      ),
    ).toMatchObject({
      url: 'https://hook.example/x',
      certificate: 'PEM',
      key: 'content of key.pem\n',
      ca: 'content of ca.pem\n',
      token: 'content of token',
    });
    expect(await parseKubeconfig(config({}, { username: 'a', password: 'b' }), files)).toMatchObject({
      basic: { username: 'a', password: 'b' },
      token: undefined,
    });
  });

  test.each<[string, string, string]>([
    ['no context', config({ 'current-context': '' }), 'current-context is not set'],
    ['a missing context', config({ 'current-context': 'x' }), 'context "x" does not exist'],
    ['no cluster', config({ clusters: [] }), 'cluster "k" does not exist'],
    ['no user', config({ users: [] }), 'auth info "u" does not exist'],
    ['no URL', config({}, {}, { server: 'https://u:password@:x' }), 'the server of cluster "k" is no URL'],
    [
      'an insecure connection',
      config({}, {}, { 'certificate-authority': 'ca', 'insecure-skip-tls-verify': true }),
      'not allowed',
    ],
    ['an exec plugin', config({}, { exec: { command: 'x' } }), 'unknown field'],
    ['a misspelt CA', config({}, {}, { 'certificate-autority': 'ca' }), 'unknown field'],
  ])('is rejected with %s', async (_name, text, message) => {
    await expect(parseKubeconfig(text, files)).rejects.toThrow(message);
  });
});
