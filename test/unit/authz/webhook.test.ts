import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { compileMatchCondition, matchesAll } from '../../../shared/authz/webhook/match-conditions.ts';
import {
  subjectAccessReviewSpec,
  WebhookAuthorizer,
  type WebhookAuthorizerOptions,
} from '../../../shared/authz/webhook/webhook-authorizer.ts';
import { GenericWebhook } from '../../../shared/request/webhook/generic-webhook.ts';
import { ForeignFault } from '../../../shared/util/foreign-fault.ts';
import { NO_WAIT, startWebhook, type TestWebhook } from '../../fixtures/webhook.ts';
import { attributes, nonResource, user } from './fixtures.ts';

const ALICE = user('alice', ['dev'], { uid: '7', extra: { scope: ['a'] } });
const POD = attributes(ALICE, 'get', 'pods/log', { namespace: 'shop', name: 'web' });

let webhook: TestWebhook;
beforeAll(async () => {
  webhook = await startWebhook(() => ({ body: {} }));
});
afterAll(() => webhook.close());
beforeEach(() => {
  webhook.asked.length = 0;
});

let now = 0;
const authorizer = (more: Partial<WebhookAuthorizerOptions> = {}): WebhookAuthorizer =>
  new WebhookAuthorizer({
    client: new GenericWebhook({ url: webhook.url, token: 'secret' }, { timeoutMs: 2000 }),
    version: 'v1',
    authorizedTTL: 300_000,
    unauthorizedTTL: 30_000,
    decisionOnError: 'NoOpinion',
    matchConditions: [],
    backoff: NO_WAIT,
    now: () => now,
    ...more,
  });
const answers = (status: unknown, code = 200) => {
  webhook.answer = () => ({ status: code, body: { kind: 'SubjectAccessReview', status } });
};

test('calls by SubjectAccessReview', async () => {
  answers({ allowed: true, reason: 'because' });
  expect(await authorizer().authorize(POD)).toEqual({ decision: 'Allow', reason: 'because' });
  expect(webhook.asked).toEqual([
    {
      authorization: 'Bearer secret',
      body: {
        kind: 'SubjectAccessReview',
        apiVersion: 'authorization.k8s.io/v1',
        metadata: {},
        spec: {
          resourceAttributes: {
            namespace: 'shop',
            verb: 'get',
            version: 'v1',
            resource: 'pods',
            subresource: 'log',
            name: 'web',
          },
          user: 'alice',
          groups: ['dev'],
          extra: { scope: ['a'] },
          uid: '7',
        },
        status: { allowed: false },
      },
    },
  ]);
});

test('v1beta1 names the field group', async () => {
  answers({ allowed: false });
  await authorizer({ version: 'v1beta1' }).authorize(nonResource(ALICE, 'get', '/x'));
  expect(webhook.asked[0]!.body).toMatchObject({
    apiVersion: 'authorization.k8s.io/v1beta1',
    spec: { group: ['dev'], nonResourceAttributes: { path: '/x', verb: 'get' } },
  });
});

test.each<[string, unknown, string]>([
  ['allowed', { allowed: true }, 'Allow'],
  ['denied', { allowed: false, denied: true }, 'Deny'],
  ['neither', { allowed: false }, 'NoOpinion'],
  ['both', { allowed: true, denied: true }, 'Deny'],
  ['nothing', {}, 'NoOpinion'],
  ['a string instead of true', { allowed: 'true' }, 'NoOpinion'],
  ['no status', undefined, 'NoOpinion'],
  ['a list', [], 'NoOpinion'],
])('an answer that says %s', async (_name, status, decision) => {
  answers(status);
  expect((await authorizer().authorize(POD)).decision).toBe(decision);
});

describe('errors', () => {
  test.each([
    [500, 'NoOpinion', 3],
    [500, 'Deny', 3],
    [429, 'Deny', 3],
    [403, 'NoOpinion', 1],
    [404, 'Deny', 1],
  ] as const)('status %d with failure policy %s', async (code, decisionOnError, times) => {
    answers({ allowed: true }, code);
    const { decision, error } = await authorizer({ decisionOnError }).authorize(POD);
    expect(decision).toBe(decisionOnError);
    expect(error).toBeInstanceOf(ForeignFault);
    expect(webhook.asked).toHaveLength(times);
  });

  test('a response that is not JSON', async () => {
    webhook.answer = () => ({ body: '<html>' });
    const { decision, error } = await authorizer({ decisionOnError: 'Deny' }).authorize(POD);
    expect(decision).toBe('Deny');
    expect(error).toBeInstanceOf(ForeignFault);
  });

  test('no server', async () => {
    const client = new GenericWebhook({ url: 'http://127.0.0.1:1/' }, { timeoutMs: 500 });
    const { decision, error } = await authorizer({ client }).authorize(POD);
    expect([decision, error!.message]).toEqual(['NoOpinion', expect.stringContaining('did not answer')]);
  });
});

describe('answers are cached', () => {
  test.each([
    [{ allowed: true }, 300_000],
    [{ allowed: false }, 30_000],
  ])('%o for %d ms', async (status, ttl) => {
    answers(status);
    now = 0;
    const asking = authorizer();
    await asking.authorize(POD);
    now = ttl - 1;
    await asking.authorize({ ...POD });
    expect(webhook.asked).toHaveLength(1);
    await asking.authorize({ ...POD, name: 'other' });
    expect(webhook.asked).toHaveLength(2);
    now = ttl;
    await asking.authorize(POD);
    expect(webhook.asked).toHaveLength(3);
  });

  test('not with a TTL of 0, nor for long reviews or errors', async () => {
    answers({ allowed: true });
    const forgetful = authorizer({ authorizedTTL: 0 });
    await forgetful.authorize(POD);
    await forgetful.authorize(POD);
    const asking = authorizer();
    const long = { ...POD, name: 'x'.repeat(10_000) };
    await asking.authorize(long);
    await asking.authorize(long);
    expect(webhook.asked).toHaveLength(4);
    answers({}, 403);
    await asking.authorize(POD);
    answers({ allowed: true });
    expect((await asking.authorize(POD)).decision).toBe('Allow');
  });
});

describe('match conditions', () => {
  const spec = subjectAccessReviewSpec(POD);
  const path = subjectAccessReviewSpec(nonResource(ALICE, 'get', '/x'));

  test.each<[string, boolean]>([
    ["request.user == 'alice'", true],
    ["'dev' in request.groups", true],
    ["request.uid == '7' && request.extra['scope'] == ['a']", true],
    ['has(request.resourceAttributes)', true],
    ['has(request.nonResourceAttributes)', false],
    ["request.resourceAttributes.namespace == 'kube-system'", false],
    ["request.resourceAttributes.group == ''", true],
    ["request.resourceAttributes.subresource == 'log'", true],
    ['has(request.resourceAttributes.fieldSelector)', false],
  ])('%s', (source, expected) => {
    expect(matchesAll([compileMatchCondition(source)], spec, ALICE)).toBe(expected);
  });

  test('a selector', () => {
    const selecting = subjectAccessReviewSpec({
      ...POD,
      fieldSelector: [{ key: 'spec.nodeName', operator: '=', values: ['one'] }],
    });
    const source =
      "request.resourceAttributes.fieldSelector.requirements.exists(r, r.key == 'spec.nodeName' && r.operator == 'In' && r.values == ['one'])";
    expect(matchesAll([compileMatchCondition(source)], selecting, ALICE)).toBe(true);
  });

  const fails = compileMatchCondition("request.resourceAttributes.name == 'web'");
  const isFalse = compileMatchCondition('false');
  test('a false one outweighs a failing one', () => {
    expect(() => matchesAll([fails], path, ALICE)).toThrow('no such key: resourceAttributes');
    expect(matchesAll([fails, isFalse], path, ALICE)).toBe(false);
  });

  test('a condition beyond its cost is an error, outweighed by a false one', () => {
    const many = user(
      'alice',
      Array.from({ length: 1_500 }, (_, i) => `g${i}`),
    );
    const costly = compileMatchCondition('request.groups.all(g, request.groups.exists(h, g == h))');
    const asked = subjectAccessReviewSpec({ ...POD, user: many });
    expect(() => matchesAll([costly], asked, many)).toThrow(
      "cel evaluation error: expression 'request.groups.all(g, request.groups.exists(h, g == h))' resulted in error: operation cancelled: actual cost limit exceeded",
    );
    expect(matchesAll([costly, isFalse], asked, many)).toBe(false);
  });

  test.each<[string, number]>([
    ["request.user == 'alice'", 1],
    ["'dev' in request.groups && has(request.extra) && request.uid != ''", 1],
    ["request.groups.all(request, request != 'admins')", 3],
    ['request.resourceAttributes.name != request.user', 3],
    ["request.user == 'alice' && !has(request.nonResourceAttributes)", 3],
    ["[request].all(r, r.user == 'alice')", 3],
    ["request.?resourceAttributes.name.orValue('') != 'a'", 3],
  ])('%s is evaluated %i times for three requests of one user', (source, expected) => {
    const compiled = compileMatchCondition(source);
    let evaluated = 0;
    const program: typeof compiled.program = {
      evaluate: (...args) => {
        evaluated++;
        return compiled.program.evaluate(...args);
      },
    };
    const counted = [{ ...compiled, program }];
    for (const name of ['a', 'b', 'c']) matchesAll(counted, subjectAccessReviewSpec({ ...POD, name }), ALICE);
    expect(evaluated).toBe(expected);
    const other = user('mallory', []);
    matchesAll(counted, subjectAccessReviewSpec({ ...POD, user: other }), other);
    expect(evaluated).toBe(expected + 1);
  });

  test('decide whether the webhook is called, and on failure the configured decision applies', async () => {
    answers({ allowed: true });
    const { decision } = await authorizer({ matchConditions: [isFalse] }).authorize(POD);
    const deny = authorizer({ matchConditions: [fails], decisionOnError: 'Deny' });
    const failed = await deny.authorize(nonResource(ALICE, 'get', '/x'));
    expect([decision, failed.decision, webhook.asked.length]).toEqual(['NoOpinion', 'Deny', 0]);
  });

  test.each([
    ['request.user', 'must evaluate to bool'],
    ['request.users == 1', 'compilation failed'],
    ['request.', 'compilation failed'],
    ['object.metadata', 'compilation failed'],
  ])('%s is rejected', (source, message) => {
    expect(() => compileMatchCondition(source)).toThrow(message);
  });
});
