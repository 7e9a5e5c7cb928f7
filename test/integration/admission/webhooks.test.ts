import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createGzip, gzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { AdmissionPlugin, AdmissionPluginFactory } from '../../../shared/admission/admission.ts';
import { admissionChain } from '../../../shared/admission/chain.ts';
import { mutatingAdmissionWebhook } from '../../../shared/admission/plugins/mutating-admission-webhook.ts';
import { validatingAdmissionWebhook } from '../../../shared/admission/plugins/validating-admission-webhook.ts';
import { webhookMemory } from '../../../shared/rest/webhook-memory.ts';
import {
  type AdmissionCase,
  type AdmissionOutcome,
  BOB,
  PASSED,
  runPlugin,
  TestCluster,
  testAttributes,
  testDependencies,
} from '../../fixtures/admission.ts';
import type { Manifest } from '../../fixtures/internal-object.ts';
import { testRequestContext } from '../../fixtures/request-context.ts';
import {
  ALLOW,
  type Behaviour,
  privateKeyPEM,
  startWebhookServer,
  type TestAuthority,
  testAuthority,
  type WebhookServer,
} from '../../fixtures/webhook-server.ts';
import { certificate } from '../../unit/authn/pki.ts';

let authority: TestAuthority;
let server: WebhookServer;
const plugins: AdmissionPlugin[] = [];

beforeAll(async () => {
  authority = await testAuthority();
  server = await startWebhookServer(authority);
});
afterEach(async () => {
  for (const plugin of plugins.splice(0)) await plugin.close?.();
  server.behave(ALLOW);
});
afterAll(() => server.close());

const EVERYTHING = [
  { operations: ['*'], apiGroups: ['*'], apiVersions: ['*'], resources: ['*/*'], scope: '*' },
];
const namespace = {
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: { name: 'ns', labels: { team: 'a' } },
};
const configMap = {
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'cm', namespace: 'ns', labels: { app: 'x' } },
  data: { a: '1' },
};
const autoscaler = {
  apiVersion: 'autoscaling/v2',
  kind: 'HorizontalPodAutoscaler',
  metadata: { name: 'h', namespace: 'ns' },
  spec: { maxReplicas: 3, scaleTargetRef: { kind: 'Deployment', name: 'd' } },
};
const deployment = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'd', namespace: 'ns' },
  spec: {
    selector: { matchLabels: { a: 'b' } },
    template: { metadata: { labels: { a: 'b' } }, spec: { containers: [{ name: 'c', image: 'i' }] } },
  },
};

const IN_V1 = [
  {
    operations: ['*'],
    apiGroups: ['autoscaling'],
    apiVersions: ['v1'],
    resources: ['horizontalpodautoscalers'],
  },
];

type Hook = Readonly<Record<string, unknown>>;

function webhook(name: string, more: Hook = {}): Hook {
  return {
    name,
    clientConfig: { url: `${server.url}/${name}`, caBundle: server.caBundle },
    rules: EVERYTHING,
    admissionReviewVersions: ['v1'],
    sideEffects: 'None',
    timeoutSeconds: 5,
    ...more,
  };
}

function configuration(sort: 'Mutating' | 'Validating', name: string, ...webhooks: Hook[]): Manifest {
  return {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: `${sort}WebhookConfiguration`,
    metadata: { name },
    webhooks,
  };
}

const clusterOf = (...configurations: Manifest[]) => new TestCluster([namespace, ...configurations]);

async function run(
  factory: AdmissionPluginFactory,
  cluster: TestCluster,
  request: AdmissionCase = { object: configMap },
): Promise<AdmissionOutcome> {
  const plugin = factory(testDependencies({ cluster, ...request }));
  plugins.push(plugin);
  const { causes, ...outcome } = await runPlugin(plugin, { ...request, cluster });
  return outcome;
}

const validate = (hook: Hook, request?: AdmissionCase): Promise<AdmissionOutcome> =>
  run(validatingAdmissionWebhook, clusterOf(configuration('Validating', 'conf', hook)), request);
const mutate = (hook: Hook, request?: AdmissionCase): Promise<AdmissionOutcome> =>
  run(mutatingAdmissionWebhook, clusterOf(configuration('Mutating', 'conf', hook)), request);

const encode = (operations: unknown): string => Buffer.from(JSON.stringify(operations)).toString('base64');
const patching =
  (...operations: object[]): Behaviour =>
  () => ({ allowed: true, patchType: 'JSONPatch', patch: encode(operations) });

const failed = (name: string, why: string): string =>
  `500 InternalError: Internal error occurred: failed calling webhook "${name}": ${why}`;

describe('the review that a webhook receives', () => {
  it('in v1', async () => {
    const before = server.calls.length;
    await validate(webhook('v.example.com'), {
      object: configMap,
      oldObject: configMap,
      subresource: 'status',
      dryRun: true,
      user: { ...BOB, extra: { scopes: ['x'] } },
    });
    const [call, ...more] = server.calls.slice(before);
    expect(more).toEqual([]);
    expect(call!.path).toBe('/v.example.com?timeout=5s');
    expect(call!.headers).toMatchObject({
      'content-type': 'application/json',
      accept: 'application/json, */*',
    });
    const kind = { group: '', version: 'v1', kind: 'ConfigMap' };
    const resource = { group: '', version: 'v1', resource: 'configmaps' };
    expect(call!.review).toEqual({
      apiVersion: 'admission.k8s.io/v1',
      kind: 'AdmissionReview',
      request: {
        uid: expect.stringMatching(/^[0-9a-f-]{36}$/),
        kind,
        resource,
        subResource: 'status',
        requestKind: kind,
        requestResource: resource,
        requestSubResource: 'status',
        name: 'cm',
        namespace: 'ns',
        operation: 'UPDATE',
        userInfo: {
          username: 'bob',
          uid: 'u-1',
          groups: ['devs', 'system:authenticated'],
          extra: { scopes: ['x'] },
        },
        object: configMap,
        oldObject: configMap,
        dryRun: true,
        options: { kind: 'UpdateOptions', apiVersion: 'meta.k8s.io/v1' },
      },
    });
  });

  it('in v1beta1, if the webhook accepts only that', async () => {
    await validate(webhook('v.example.com', { admissionReviewVersions: ['v7', 'v1beta1', 'v1'] }), {
      oldObject: configMap,
    });
    expect(server.calls.at(-1)!.review).toMatchObject({
      apiVersion: 'admission.k8s.io/v1beta1',
      request: { operation: 'DELETE', object: null, oldObject: configMap },
    });
  });

  it('in the version of its rules, with matchPolicy Equivalent', async () => {
    const before = server.calls.length;
    await validate(webhook('exact', { rules: IN_V1, matchPolicy: 'Exact' }), { object: autoscaler });
    expect(server.calls.length).toBe(before);
    await validate(webhook('equivalent', { rules: IN_V1, matchPolicy: 'Equivalent' }), {
      object: autoscaler,
    });
    expect(server.calls.at(-1)!.review.request).toMatchObject({
      kind: { group: 'autoscaling', version: 'v1', kind: 'HorizontalPodAutoscaler' },
      requestKind: { group: 'autoscaling', version: 'v2', kind: 'HorizontalPodAutoscaler' },
      resource: { version: 'v1' },
      requestResource: { version: 'v2' },
      object: { apiVersion: 'autoscaling/v1', kind: 'HorizontalPodAutoscaler', spec: { maxReplicas: 3 } },
    });
  });
});

describe('the requests that it receives', () => {
  const rule = (more: object) => ({ rules: [{ ...EVERYTHING[0], ...more }] });
  const create = { object: configMap };
  const newNamespace = { object: { ...namespace, metadata: { name: 'new', labels: { team: 'b' } } } };
  const node = { object: { apiVersion: 'v1', kind: 'Node', metadata: { name: 'n' } } };
  const table: [string, Hook, AdmissionCase, boolean][] = [
    ['all', {}, create, true],
    ['another operation', rule({ operations: ['UPDATE', 'DELETE'] }), create, false],
    ['another group', rule({ apiGroups: ['apps'] }), create, false],
    ['another version', rule({ apiVersions: ['v2'] }), create, false],
    ['another resource', rule({ resources: ['secrets'] }), create, false],
    ['the resource', rule({ resources: ['secrets', 'configmaps'] }), create, true],
    ['its subresources only', rule({ resources: ['configmaps/*'] }), create, true],
    [
      'no subresource asked for',
      rule({ resources: ['configmaps'] }),
      { ...create, subresource: 'status' },
      false,
    ],
    ['every such subresource', rule({ resources: ['*/status'] }), { ...create, subresource: 'status' }, true],
    ['namespaced ones', rule({ scope: 'Namespaced' }), create, true],
    ["the cluster's", rule({ scope: 'Cluster' }), create, false],
    ["a node, of the cluster's", rule({ scope: 'Cluster' }), node, true],
    ['a node, of namespaced ones', rule({ scope: 'Namespaced' }), node, false],
    ['no rules', { rules: [] }, create, false],
    ['a namespace by its labels', { namespaceSelector: { matchLabels: { team: 'a' } } }, create, true],
    ['another namespace', { namespaceSelector: { matchLabels: { team: 'b' } } }, create, false],
    [
      'a namespace that is being made',
      { namespaceSelector: { matchLabels: { team: 'b' } } },
      { ...newNamespace, namespace: 'new' },
      true,
    ],
    ['a cluster-scoped object', { namespaceSelector: { matchLabels: { team: 'b' } } }, node, true],
    ['an object by its labels', { objectSelector: { matchLabels: { app: 'x' } } }, create, true],
    ['another object', { objectSelector: { matchLabels: { app: 'y' } } }, create, false],
    [
      'an object by the labels it had',
      { objectSelector: { matchLabels: { app: 'x' } } },
      { object: { ...configMap, metadata: { name: 'cm', namespace: 'ns' } }, oldObject: configMap },
      true,
    ],
    ['a webhook configuration', {}, { object: configuration('Validating', 'other') }, false],
    [
      'a condition that holds',
      {
        matchConditions: [
          { name: 'a', expression: 'object.data.a == "1" && request.userInfo.username == "bob"' },
        ],
      },
      create,
      true,
    ],
    [
      'one condition of two that does not',
      {
        matchConditions: [
          { name: 'a', expression: 'object.data.b == "1"' },
          { name: 'b', expression: 'request.operation != "CREATE"' },
        ],
      },
      create,
      false,
    ],
    [
      'a condition that fails, ignored',
      { failurePolicy: 'Ignore', matchConditions: [{ name: 'a', expression: 'object.data.b == "1"' }] },
      create,
      false,
    ],
    [
      'a right that the user has',
      {
        matchConditions: [
          { name: 'a', expression: 'authorizer.requestResource.check("breakglass").allowed()' },
        ],
      },
      {
        ...create,
        authorize: ({ verb, resource, name }) => `${verb} ${resource} ${name}` === 'breakglass configmaps cm',
      },
      true,
    ],
  ];
  it.each(table)('%s', async (_, more, request, seen) => {
    const before = server.calls.length;
    expect(await validate(webhook('v.example.com', more), request)).toEqual(PASSED);
    expect(server.calls.length - before).toBe(seen ? 1 : 0);
  });

  it.each<[string, Hook, string]>([
    [
      'a condition that fails',
      { matchConditions: [{ name: 'a', expression: 'object.data.b == "1"' }] },
      `403 Forbidden: configmaps "cm" is forbidden: expression 'object.data.b == "1"' resulted in error: no such key: b`,
    ],
    [
      'an invalid selector',
      { objectSelector: { matchExpressions: [{ key: 'a', operator: 'Is' }] } },
      '500 InternalError: Internal error occurred: "Is" is not a valid label selector operator',
    ],
  ])('rejects for %s', async (_, more, refused) => {
    expect(await validate(webhook('v.example.com', more))).toEqual({ changes: {}, refused });
  });

  it('rejects in a missing namespace', async () => {
    const hook = webhook('v.example.com', { namespaceSelector: { matchLabels: { team: 'b' } } });
    const object = { ...configMap, metadata: { name: 'cm', namespace: 'gone' } };
    expect(await validate(hook, { object })).toEqual({
      changes: {},
      refused: '404 NotFound: namespaces "gone" not found',
    });
  });
});

describe('the effect of its answer', () => {
  const says = async (answer: Hook, more: Hook = {}): Promise<AdmissionOutcome> => {
    server.behave(() => answer);
    return validate(webhook('v.example.com', more));
  };
  const denied = 'admission webhook "v.example.com" denied the request';

  it('admits, with warnings and audit annotations', async () => {
    const answer = { allowed: true, warnings: ['careful'], auditAnnotations: { k: 'v' } };
    expect(await says(answer)).toEqual({
      changes: {},
      warnings: ['careful'],
      annotations: { 'v.example.com/k': 'v' },
    });
  });

  it.each<[string, Hook | undefined, string]>([
    ['without a reason', undefined, `400 undefined: ${denied} without explanation`],
    ['with a reason', { reason: 'Because' }, `400 Because: ${denied}: Because`],
    ['with a message', { message: 'no', code: 403, reason: 'Forbidden' }, `403 Forbidden: ${denied}: no`],
    ['with a success code', { message: 'no', code: 200, status: 'Success' }, `400 undefined: ${denied}: no`],
  ])('rejects %s', async (_, status, refused) => {
    const outcome = await says({ allowed: false, ...(status && { status }), warnings: ['w'] });
    expect(outcome).toEqual({ changes: {}, refused, warnings: ['w'] });
  });

  it('rejects even if failures are ignored', async () => {
    const { refused } = await says({ allowed: false }, { failurePolicy: 'Ignore' });
    expect(refused).toBe(`400 undefined: ${denied} without explanation`);
  });
});

describe('a call that fails', () => {
  const invalid = (why: string): string =>
    failed('v.example.com', `received invalid webhook response: ${why}`);
  const unanswered = (why: string): string => failed('v.example.com', `failed to call webhook: ${why}`);
  const url = (): string => `${server.url}/v.example.com?timeout=5s`;
  const statusOf =
    (code: number, body = '', headers: Readonly<Record<string, string>> = {}): Behaviour =>
    (_, response) => {
      response.writeHead(code, headers).end(body);
      return undefined;
    };
  const raw =
    (body: string): Behaviour =>
    (_, response) => {
      response.setHeader('content-type', 'application/json').end(body);
      return undefined;
    };
  const table: [string, Behaviour, () => string, Hook?][] = [
    [
      '500',
      statusOf(500, 'boom'),
      () => unanswered('an error on the server ("boom") has prevented the request from succeeding'),
    ],
    [
      '500 without text',
      statusOf(500),
      () => unanswered('an error on the server ("") has prevented the request from succeeding'),
    ],
    ['503', statusOf(503), () => unanswered('the server is currently unable to handle the request')],
    ['404', statusOf(404), () => unanswered('the server could not find the requested resource')],
    ['401', statusOf(401), () => unanswered('the server has asked for the client to provide credentials')],
    [
      '418',
      statusOf(418),
      () => unanswered('the server responded with the status code 418 but did not return more information'),
    ],
    [
      'a Status',
      statusOf(403, JSON.stringify({ kind: 'Status', apiVersion: 'v1', message: 'go away' })),
      () => unanswered('go away'),
    ],
    [
      'a redirect, which is not followed',
      statusOf(302, '', { location: 'https://127.0.0.1:1/' }),
      () => unanswered('the server responded with the status code 302 but did not return more information'),
    ],
    [
      'invalid JSON',
      raw('<html>'),
      () =>
        unanswered(
          `couldn't get version/kind; json parse error: json: cannot unmarshal string into Go value of type struct { APIVersion string "json:\\"apiVersion,omitempty\\""; Kind string "json:\\"kind,omitempty\\"" }`,
        ),
    ],
    [
      'YAML, if it is large',
      raw(`a: ${'b'.repeat(20_000)}`),
      () => unanswered("invalid character 'a' looking for beginning of value"),
    ],
    [
      'nothing',
      raw(''),
      () => unanswered('0-length response with status code: 200 and content type: application/json'),
    ],
    [
      'a list',
      raw('[]'),
      () =>
        unanswered(
          `couldn't get version/kind; json parse error: json: cannot unmarshal array into Go value of type struct { APIVersion string "json:\\"apiVersion,omitempty\\""; Kind string "json:\\"kind,omitempty\\"" }`,
        ),
    ],
    [
      'a word in place of a boolean',
      () => ({ allowed: 'true' }),
      () =>
        unanswered(
          'json: cannot unmarshal string into Go struct field AdmissionResponse.response.allowed of type bool',
        ),
    ],
    [
      'another version',
      raw('{"apiVersion":"admission.k8s.io/v1beta1","kind":"AdmissionReview","response":{"allowed":true}}'),
      () => unanswered('converting (v1beta1.AdmissionReview) to (v1.AdmissionReview): unknown conversion'),
    ],
    [
      'a page of an error',
      statusOf(500, '<html>', { 'content-type': 'application/json' }),
      () => unanswered('an error on the server ("unknown") has prevented the request from succeeding'),
    ],
    ['no response', raw('{}'), () => invalid('webhook response was absent')],
    ['null', raw('null'), () => invalid('webhook response was absent')],
    [
      'another uid',
      () => ({ allowed: true, uid: 'x' }),
      () => invalid(`expected response.uid="${server.calls.at(-1)!.review.request.uid}", got "x"`),
    ],
    [
      'another kind',
      ({ request }, response) => {
        const review = { apiVersion: 'v1', kind: 'Pod', response: { uid: request.uid, allowed: true } };
        response.end(JSON.stringify(review));
        return undefined;
      },
      () => unanswered('no kind "Pod" is registered for version "v1" in scheme "pkg/runtime/scheme.go:111"'),
    ],
    [
      'a patch of one that validates',
      patching({ op: 'add', path: '/data/b', value: '2' }),
      () => invalid('validating webhook may not return response.patch'),
    ],
    [
      'a patch type of one that validates',
      () => ({ allowed: true, patchType: 'JSONPatch' }),
      () => invalid('validating webhook may not return response.patchType'),
    ],
    [
      'a connection that breaks',
      (_, response) => {
        response.destroy();
        return undefined;
      },
      () => unanswered(`Post "${url()}": EOF`),
    ],
    [
      'no review version in common',
      ALLOW,
      () =>
        failed(
          'v.example.com',
          'could not create admission objects: webhook does not accept known AdmissionReview versions (v1, v1beta1)',
        ),
      { admissionReviewVersions: ['v2'] },
    ],
  ];
  it.each(table)('%s', async (_, behaviour, refused, more = {}) => {
    server.behave(behaviour);
    expect(await validate(webhook('v.example.com', more))).toEqual({ changes: {}, refused: refused() });
    expect(await validate(webhook('v.example.com', { ...more, failurePolicy: 'Ignore' }))).toEqual({
      changes: {},
      annotations: { 'failed-open.validating.webhook.admission.k8s.io/round_0_index_0': 'v.example.com' },
    });
  });

  it('is refused whatever the policy if memory for its response is short', async () => {
    // Others have all of it, in two shares.
    const others = [webhookMemory.open({}), webhookMemory.open({})];
    for (const other of others) {
      const fill = (megabytes: number): void => {
        try {
          other.received(megabytes * 1024 * 1024);
          fill(megabytes + 1);
        } catch {
          // Full.
        }
      };
      fill(1);
    }
    server.behave(() => ({ allowed: true, warnings: ['x'.repeat(300_000)] }));
    for (const failurePolicy of ['Fail', 'Ignore']) {
      expect(await validate(webhook('v.example.com', { failurePolicy }))).toEqual({
        changes: {},
        refused: '429 TooManyRequests: Too many large responses of webhooks at once, please try again later.',
      });
    }
    for (const other of others) other.release();
    const { refused } = await validate(webhook('v.example.com'));
    expect([refused, webhookMemory.bytes]).toEqual([undefined, 0]);
  });

  it('is busy, and is called again after Retry-After', async () => {
    let asked = 0;
    server.behave((_, response) => {
      if (++asked > 2) return { allowed: true };
      response.writeHead(asked === 1 ? 429 : 503, { 'retry-after': '0' }).end();
      return undefined;
    });
    expect(await validate(webhook('v.example.com'))).toEqual(PASSED);
    expect(asked).toBe(3);
  });

  it('is busy for longer than its timeout', async () => {
    server.behave(statusOf(503, '', { 'retry-after': '60' }));
    const { refused } = await validate(webhook('v.example.com', { timeoutSeconds: 1 }));
    expect(refused).toBe(
      unanswered(`Post "${server.url}/v.example.com?timeout=1s": context deadline exceeded`),
    );
  });

  it('answers in gzip', async () => {
    server.behave(({ request }, response) => {
      const review = {
        apiVersion: 'admission.k8s.io/v1',
        kind: 'AdmissionReview',
        response: { uid: request.uid, allowed: true },
      };
      response.setHeader('content-encoding', 'gzip').end(gzipSync(JSON.stringify(review)));
      return undefined;
    });
    expect(await validate(webhook('v.example.com'))).toEqual(PASSED);
    expect(server.calls.at(-1)!.headers['accept-encoding']).toBe('gzip');
  });

  it('hangs until the timeout', async () => {
    server.behave(() => undefined);
    const started = Date.now();
    expect(await validate(webhook('v.example.com', { timeoutSeconds: 1 }))).toEqual({
      changes: {},
      refused: unanswered(`Post "${server.url}/v.example.com?timeout=1s": context deadline exceeded`),
    });
    expect(Date.now() - started).toBeGreaterThanOrEqual(990);
  });

  it('responds with too many values', async () => {
    server.behave(raw(`{"k":[${'{},'.repeat(150_000)}0]}`));
    const { refused } = await validate(webhook('v.example.com'));
    expect(refused).toMatch(/failed to call webhook: limit is 10\d{4} values$/);
  });

  it.each(['identity', 'gzip'])('responds without end, in %s: its connection is closed', async (encoding) => {
    let closed: Promise<unknown> | undefined;
    server.behave((_, response) => {
      closed = once(response, 'close');
      response.setHeader('content-encoding', encoding);
      const target = encoding === 'gzip' ? createGzip({ level: 1 }) : response;
      if (target !== response) target.pipe(response);
      const chunk = Buffer.alloc(1 << 20, ' ');
      const write = (): void => {
        while (!response.closed && target.write(chunk));
        if (!response.closed) target.once('drain', write);
      };
      write();
      return undefined;
    });
    expect(await validate(webhook('v.example.com', { timeoutSeconds: 30 }))).toEqual({
      changes: {},
      refused: unanswered(`Post "${server.url}/v.example.com?timeout=30s": http: response body too large`),
    });
    await closed;
  });

  it.each<[string, () => Promise<{ url: string; caBundle: string; close(): Promise<void> }>, string]>([
    [
      'of an unknown authority',
      async () => {
        const other = await startWebhookServer(await testAuthority('CN=others'));
        return { ...other, caBundle: server.caBundle };
      },
      'tls: failed to verify certificate: x509: certificate signed by unknown authority',
    ],
    [
      'for another name',
      () => startWebhookServer(authority, { names: ['elsewhere.example.com'] }),
      "tls: failed to verify certificate: x509: IP: 127.0.0.1 is not in the cert's list: ",
    ],
    [
      'that has expired',
      () =>
        startWebhookServer(authority, {
          notBefore: new Date(Date.now() - 7200_000),
          notAfter: new Date(Date.now() - 3600_000),
        }),
      'tls: failed to verify certificate: x509: certificate has expired or is not yet valid',
    ],
    [
      'missing (plain HTTP)',
      () => startWebhookServer(authority, { insecure: true }),
      'http: server gave HTTP response to HTTPS client',
    ],
  ])('certificate %s', async (_, start, why) => {
    const other = await start();
    const clientConfig = { url: `${other.url}/x`, caBundle: other.caBundle };
    expect(await validate(webhook('v.example.com', { clientConfig }))).toEqual({
      changes: {},
      refused: unanswered(`Post "${other.url}/x?timeout=5s": ${why}`),
    });
    await other.close();
  });

  it('no server', async () => {
    const other = await startWebhookServer(authority);
    await other.close();
    const clientConfig = { url: other.url, caBundle: other.caBundle };
    expect(await validate(webhook('v.example.com', { clientConfig }))).toEqual({
      changes: {},
      refused: unanswered(
        `Post "${other.url}/?timeout=5s": dial tcp 127.0.0.1:${other.port}: connect: connection refused`,
      ),
    });
  });
});

describe('services', () => {
  it('are found through the resolver, and verified by their name', async () => {
    const service = await startWebhookServer(authority, { names: ['guard.security.svc'] });
    const hook = webhook('v.example.com', {
      clientConfig: {
        service: { namespace: 'security', name: 'guard', path: '/check', port: 8443 },
        caBundle: service.caBundle,
      },
    });
    const cluster = clusterOf(configuration('Validating', 'conf', hook));
    const asked: unknown[] = [];
    const plugin = validatingAdmissionWebhook(
      testDependencies(
        { cluster },
        {
          resolveService: async (reference) => {
            asked.push(reference);
            return new URL(service.url);
          },
        },
      ),
    );
    plugins.push(plugin);
    expect(await runPlugin(plugin, { object: configMap })).toEqual(PASSED);
    expect(asked).toEqual([{ namespace: 'security', name: 'guard', port: 8443 }]);
    expect(service.calls.map(({ path }) => path)).toEqual(['/check?timeout=5s']);
    await service.close();
  });

  it("that can't be reached", async () => {
    const clientConfig = { service: { namespace: 'security', name: 'guard' }, caBundle: server.caBundle };
    expect(await validate(webhook('v.example.com', { clientConfig }))).toEqual({
      changes: {},
      refused: failed(
        'v.example.com',
        'failed to call webhook: Post "https://guard.security.svc:443/?timeout=5s": service "guard" not found',
      ),
    });
  });
});

describe('the connection', () => {
  it('is reused for the next call', async () => {
    const own = await startWebhookServer(authority);
    const hook = webhook('v.example.com', { clientConfig: { url: own.url, caBundle: own.caBundle } });
    const plugin = validatingAdmissionWebhook(
      testDependencies({ cluster: clusterOf(configuration('Validating', 'conf', hook)) }),
    );
    plugins.push(plugin);
    for (let i = 0; i < 5; i++) await runPlugin(plugin, { object: configMap });
    expect([own.calls.length, own.connections()]).toEqual([5, 1]);
    await own.close();
  });

  it('uses the path with all its slashes, and a directly trusted certificate', async () => {
    const own = await startWebhookServer(authority);
    const clientConfig = { url: `${own.url}//validate`, caBundle: own.certificate };
    const hook = webhook('v.example.com', { clientConfig });
    expect(await validate(hook, { object: configMap })).toEqual(PASSED);
    expect(own.calls.map(({ path }) => path)).toEqual(['/validate?timeout=5s']);
    await own.close();
  });

  it('presents the configured client certificate', async () => {
    const clients = await testAuthority('CN=clients');
    const client = await certificate({ name: 'CN=apiserver', issuer: clients.authority });
    const own = await startWebhookServer(authority, { clientAuthority: clients.authority });
    const directory = mkdtempSync(join(tmpdir(), 'webhooks-'));
    writeFileSync(join(directory, 'key.pem'), await privateKeyPEM(client));
    const user = {
      'client-certificate-data': Buffer.from(client.pem).toString('base64'),
      'client-key': 'key.pem',
    };
    const kubeconfig = {
      apiVersion: 'v1',
      kind: 'Config',
      users: [
        { name: '*.0.1:1', user: { token: 'no' } },
        { name: `127.0.0.1:${own.port}`, user },
      ],
    };
    writeFileSync(join(directory, 'kubeconfig'), JSON.stringify(kubeconfig));
    const hook = webhook('v.example.com', { clientConfig: { url: own.url, caBundle: own.caBundle } });
    const configured = {
      apiVersion: 'apiserver.config.k8s.io/v1',
      kind: 'WebhookAdmissionConfiguration',
      kubeConfigFile: join(directory, 'kubeconfig'),
    };
    expect(await validate(hook, { object: configMap, configuration: configured })).toEqual(PASSED);
    expect(own.calls.map(({ clientName }) => clientName)).toEqual(['apiserver']);
    await own.close();
    rmSync(directory, { recursive: true });
  });
});

describe('dry runs', () => {
  it.each(['None', 'NoneOnDryRun'])('call those with side effects %s', async (sideEffects) => {
    const before = server.calls.length;
    expect(await validate(webhook('v', { sideEffects }), { object: configMap, dryRun: true })).toEqual(
      PASSED,
    );
    expect(server.calls.length).toBe(before + 1);
  });

  it.each(['Some', 'Unknown'])('are rejected for those with side effects %s', async (sideEffects) => {
    const before = server.calls.length;
    const hook = webhook('v', { sideEffects, failurePolicy: 'Ignore' });
    expect(await validate(hook, { object: configMap, dryRun: true })).toEqual({
      changes: {},
      refused: '400 BadRequest: admission webhook "v" does not support dry run',
    });
    expect(server.calls.length).toBe(before);
  });
});

describe('several validating webhooks', () => {
  it('are called concurrently; the first rejection in order is returned', async () => {
    const waiting: (() => void)[] = [];
    server.behave(async ({ request }, response) => {
      await new Promise<void>((resolve) => {
        waiting.push(resolve);
        if (waiting.length === 3) for (const go of waiting) go();
      });
      const hook = response.req.url!.split(/[/?]/)[1];
      return { uid: request.uid, allowed: hook === 'a', status: { message: hook } };
    });
    const cluster = clusterOf(
      configuration('Validating', 'one', webhook('a'), webhook('b')),
      configuration('Validating', 'two', webhook('c')),
    );
    expect((await run(validatingAdmissionWebhook, cluster)).refused).toBe(
      '400 undefined: admission webhook "b" denied the request: b',
    );
  });
});

describe('webhooks that change objects', () => {
  const mutation = (webhookName: string, mutated: boolean, configurationName = 'conf'): string =>
    JSON.stringify({ configuration: configurationName, webhook: webhookName, mutated });

  it('by JSON patches', async () => {
    const operations = [{ op: 'add', path: '/data/b', value: '2' }];
    server.behave(patching(...operations));
    expect(await mutate(webhook('m'))).toEqual({
      changes: { 'data.b': '2' },
      annotations: {
        'mutation.webhook.admission.k8s.io/round_0_index_0': mutation('m', true),
        'patch.webhook.admission.k8s.io/round_0_index_0': JSON.stringify({
          configuration: 'conf',
          webhook: 'm',
          patch: operations,
          patchType: 'JSONPatch',
        }),
      },
    });
  });

  it('or leave them unchanged', async () => {
    expect(await mutate(webhook('m'))).toEqual({
      changes: {},
      annotations: { 'mutation.webhook.admission.k8s.io/round_0_index_0': mutation('m', false) },
    });
  });

  it('by patches that are then defaulted', async () => {
    const container = { name: 'x', image: 'x:1' };
    server.behave(patching({ op: 'add', path: '/spec/template/spec/containers/-', value: container }));
    const { changes } = await mutate(webhook('m'), { object: deployment });
    expect(changes['spec.template.spec.containers']).toEqual([
      expect.objectContaining({ name: 'c' }),
      expect.objectContaining({ ...container, terminationMessagePath: '/dev/termination-log' }),
    ]);
  });

  it('in their preferred version', async () => {
    server.behave(patching({ op: 'replace', path: '/spec/targetCPUUtilizationPercentage', value: 70 }));
    const { changes } = await mutate(webhook('m', { rules: IN_V1 }), { object: autoscaler });
    const target = { type: 'Utilization', averageUtilization: 70 };
    expect(changes['spec.metrics']).toEqual([{ type: 'Resource', resource: { name: 'cpu', target } }]);
    expect(changes['spec.maxReplicas']).toBeUndefined();
  });

  it('in sequence, each seeing the changes of those before it', async () => {
    server.behave(({ request }, response) => {
      const name = response.req.url!.split(/[/?]/)[1]!;
      const { data } = request['object'] as typeof configMap;
      const value = `${Object.keys(data).join()}`;
      return {
        allowed: true,
        patchType: 'JSONPatch',
        patch: encode([{ op: 'add', path: `/data/${name}`, value }]),
      };
    });
    const cluster = clusterOf(
      configuration('Mutating', 'z', webhook('third')),
      configuration('Mutating', 'y', webhook('first'), webhook('second')),
    );
    const { changes } = await run(mutatingAdmissionWebhook, cluster);
    expect(changes).toEqual({ 'data.first': 'a', 'data.second': 'a,first', 'data.third': 'a,first,second' });
  });

  it('with a patch of ten thousand operations', async () => {
    const operations = Array.from({ length: 10_000 }, (_, index) => ({
      op: 'add',
      path: `/data/k${index}`,
      value: 'v',
    }));
    server.behave(patching(...operations));
    const { changes, refused } = await mutate(webhook('m'));
    expect(refused).toBeUndefined();
    expect(Object.keys(changes)).toHaveLength(10_000);
  });

  const table: [string, Hook, string][] = [
    [
      'a patch without type',
      { allowed: true, patch: encode([]) },
      failed(
        'm',
        'received invalid webhook response: webhook returned response.patch but not response.patchType',
      ),
    ],
    [
      'a type without patch',
      { allowed: true, patchType: 'JSONPatch' },
      failed(
        'm',
        'received invalid webhook response: webhook returned response.patchType but not response.patch',
      ),
    ],
    [
      'another type',
      { allowed: true, patchType: 'MergePatch', patch: encode([{ op: 'test', path: '/x', value: 1 }]) },
      failed('m', 'unsupported patch type "MergePatch"'),
    ],
    [
      'a patch with invalid JSON',
      { allowed: true, patchType: 'JSONPatch', patch: Buffer.from('x').toString('base64') },
      failed(
        'm',
        `received undecodable patch in webhook response: invalid character 'x' looking for beginning of value`,
      ),
    ],
    [
      'a patch that is an object',
      { allowed: true, patchType: 'JSONPatch', patch: Buffer.from('{}').toString('base64') },
      failed(
        'm',
        'received undecodable patch in webhook response: json: cannot unmarshal object into Go value of type jsonpatch.Patch',
      ),
    ],
    [
      'a patch with invalid base64',
      { allowed: true, patchType: 'JSONPatch', patch: '!' },
      failed('m', 'failed to call webhook: illegal base64 data at input byte 0'),
    ],
    [
      'a patch with more values than an object may have',
      { allowed: true, patchType: 'JSONPatch', patch: encode(Array(100_001).fill(1)) },
      failed('m', 'received undecodable patch in webhook response: limit is 100000 values'),
    ],
  ];
  it.each(table)('%s', async (_, answer, refused) => {
    server.behave(() => answer);
    expect(await mutate(webhook('m'))).toMatchObject({ changes: {}, refused });
    const { annotations, ...outcome } = await mutate(webhook('m', { failurePolicy: 'Ignore' }));
    expect(outcome).toEqual(PASSED);
    expect(annotations).toMatchObject({
      'failed-open.mutation.webhook.admission.k8s.io/round_0_index_0': 'm',
    });
  });

  it.each<[string, object]>([
    ['a patch that does not apply', { op: 'remove', path: '/data/z' }],
    ['a patch that makes the object invalid', { op: 'replace', path: '/data', value: 5 }],
  ])('%s, with any failure policy', async (_, operation) => {
    server.behave(patching(operation));
    const { refused, changes } = await mutate(webhook('m', { failurePolicy: 'Ignore' }));
    expect(refused).toMatch(/^500 InternalError: Internal error occurred: /);
    expect(changes).toEqual({});
  });

  it("can't patch an object being deleted", async () => {
    server.behave(patching({ op: 'add', path: '/data/b', value: '2' }));
    const { refused } = await mutate(webhook('m'), { oldObject: configMap });
    expect(refused).toBe(
      '500 InternalError: Internal error occurred: admission webhook "m" attempted to modify the object, which is not supported for this operation',
    );
  });
});

describe('reinvocation', () => {
  const countCalls = (since: number): Record<string, number> => {
    const counts: Record<string, number> = {};
    for (const { path } of server.calls.slice(since)) {
      const name = path.split(/[/?]/)[1]!;
      counts[name] = (counts[name] ?? 0) + 1;
    }
    return counts;
  };
  const addOnce = (...names: string[]): void =>
    server.behave(({ request }, response) => {
      const name = response.req.url!.split(/[/?]/)[1]!;
      const { data } = request['object'] as { data: Record<string, string> };
      if (!names.includes(name) || data[name] !== undefined) return { allowed: true };
      const patch = encode([{ op: 'add', path: `/data/${name}`, value: 'x' }]);
      return { allowed: true, patchType: 'JSONPatch', patch };
    });
  async function admit(...hooks: Hook[]): Promise<Record<string, number>> {
    const cluster = clusterOf(configuration('Mutating', 'conf', ...hooks));
    const plugin = mutatingAdmissionWebhook(testDependencies({ cluster }));
    plugins.push(plugin);
    const before = server.calls.length;
    await admissionChain([plugin]).admit(testAttributes({ object: configMap }), testRequestContext('ns'));
    return countCalls(before);
  }
  const ifNeeded = { reinvocationPolicy: 'IfNeeded' };

  it('calls those that request it again, after a later one has changed the object', async () => {
    addOnce('late');
    expect(await admit(webhook('early', ifNeeded), webhook('never'), webhook('late', ifNeeded))).toEqual({
      early: 2,
      never: 1,
      late: 1,
    });
  });

  it('calls no webhook again if nothing has changed since', async () => {
    addOnce('early');
    expect(await admit(webhook('early', ifNeeded), webhook('late', ifNeeded))).toEqual({ early: 1, late: 1 });
  });

  it('calls each at most once more', async () => {
    server.behave(() => ({
      allowed: true,
      patchType: 'JSONPatch',
      patch: encode([{ op: 'add', path: '/metadata/labels/x', value: String(Math.random()) }]),
    }));
    expect(await admit(webhook('a', ifNeeded), webhook('b', ifNeeded))).toEqual({ a: 2, b: 2 });
  });
});

describe('a change of configuration', () => {
  it('takes effect for the next request', async () => {
    const cluster = clusterOf(configuration('Validating', 'conf', webhook('a')));
    const plugin = validatingAdmissionWebhook(testDependencies({ cluster }));
    plugins.push(plugin);
    const names = async (): Promise<string[]> => {
      const before = server.calls.length;
      await runPlugin(plugin, { object: configMap });
      return server.calls.slice(before).map(({ path }) => path.split(/[/?]/)[1]!);
    };
    expect(await names()).toEqual(['a']);
    cluster.remove(
      { group: 'admissionregistration.k8s.io', resource: 'validatingwebhookconfigurations' },
      '',
      'conf',
    );
    expect(await names()).toEqual([]);
  });
});
