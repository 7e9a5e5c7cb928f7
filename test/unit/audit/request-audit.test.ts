import { describe, expect, test } from 'vitest';
import type { AuditBackend } from '../../../shared/audit/backend.ts';
import type { AuditEvent, AuditLevel } from '../../../shared/audit/event.ts';
import { eventJSON } from '../../../shared/audit/event-json.ts';
import { formatLegacy } from '../../../shared/audit/log-backend.ts';
import type { RequestAuditConfig } from '../../../shared/audit/policy-evaluator.ts';
import { RequestAudit } from '../../../shared/audit/request-audit.ts';
import { headerFields } from '../../../shared/request/api-request.ts';
import { RawJSON } from '../../../shared/util/raw-json.ts';
import { testRequestContext } from '../../fixtures/request-context.ts';

class Recording implements AuditBackend {
  readonly events: AuditEvent[] = [];
  works = true;
  async processEvents(events: readonly AuditEvent[]) {
    this.events.push(...events);
    return this.works;
  }
  async flush() {}
  async close() {}
}

const anna = { name: 'anna', uid: '7', groups: ['dev'], extra: { k: ['v'] } };
const secret = {
  kind: 'Secret',
  metadata: {
    name: 's',
    namespace: 'shop',
    uid: 'u',
    resourceVersion: '5',
    managedFields: [{ manager: 'm' }],
  },
  data: { password: 'aHVudGVyMg==' },
};

function audit(config: Partial<RequestAuditConfig> & { level: AuditLevel }) {
  const backend = new Recording();
  const recording = new RequestAudit('id-1');
  recording.addAnnotation('authorization.k8s.io/decision', 'allow');
  recording.addAnnotation('authorization.k8s.io/decision', 'forbid');
  const base = testRequestContext('shop');
  recording.begin(
    {
      request: {
        ...base.request,
        path: '/api/v1/namespaces/shop/secrets',
        query: new URLSearchParams('fieldManager=kubectl'),
        headers: headerFields([
          ['User-Agent', 'kubectl'],
          ['Authorization', 'Bearer hunter2'],
          ['X-Forwarded-For', '1.2.3.4, nonsense'],
          ['X-Real-Ip', '5.6.7.8'],
        ]),
        remoteAddress: '127.0.0.1',
      },
      requestInfo: { ...base.requestInfo, verb: 'create', resource: 'secrets' },
      user: anna,
      receivedAt: Date.parse('2026-05-01T12:00:00.123Z'),
    },
    { omitStages: new Set(), omitManagedFields: false, ...config },
    backend,
  );
  return { backend, recording };
}

async function run(config: Partial<RequestAuditConfig> & { level: AuditLevel }): Promise<AuditEvent[]> {
  const { backend, recording } = audit(config);
  await recording.processStage('RequestReceived');
  await recording.logRequestObject(() => structuredClone(secret));
  recording.logImpersonatedUser({ name: 'ben', uid: '', groups: [], extra: {} }, 'impersonate:user-info');
  await recording.logResponseObject(() => structuredClone(secret));
  recording.logResponseStatus({ code: 201 });
  await recording.processStage('ResponseComplete');
  return backend.events;
}

const received = {
  kind: 'Event',
  apiVersion: 'audit.k8s.io/v1',
  level: 'Metadata',
  auditID: 'id-1',
  stage: 'RequestReceived',
  requestURI: '/api/v1/namespaces/shop/secrets?fieldManager=kubectl',
  verb: 'create',
  user: { username: 'anna', uid: '7', groups: ['dev'], extra: { k: ['v'] } },
  sourceIPs: ['1.2.3.4', '5.6.7.8', '127.0.0.1'],
  userAgent: 'kubectl',
  objectRef: { resource: 'secrets', namespace: 'shop', apiVersion: 'v1' },
  requestReceivedTimestamp: '2026-05-01T12:00:00.123000Z',
  stageTimestamp: '2026-05-01T12:00:00.123000Z',
  annotations: { 'authorization.k8s.io/decision': 'allow' },
};
const complete = {
  ...received,
  stage: 'ResponseComplete',
  stageTimestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/),
  objectRef: { ...received.objectRef, name: 's', uid: 'u', resourceVersion: '5' },
  impersonatedUser: { username: 'ben' },
  authenticationMetadata: { impersonationConstraint: 'impersonate:user-info' },
  responseStatus: { metadata: {}, code: 201 },
};

describe('levels', () => {
  test('Metadata: user, verb and object without contents', async () => {
    const events = await run({ level: 'Metadata' });
    expect(events).toEqual([received, complete]);
    expect(JSON.stringify(events)).not.toMatch(/aHVudGVyMg|hunter2/);
  });

  test('Request: with the request object', async () => {
    const level = 'Request';
    expect(await run({ level })).toEqual([
      { ...received, level },
      { ...complete, level, requestObject: secret },
    ]);
  });

  test('RequestResponse: with the response object', async () => {
    const level = 'RequestResponse';
    expect(await run({ level })).toEqual([
      { ...received, level },
      { ...complete, level, requestObject: secret, responseObject: secret },
    ]);
  });

  test('None: nothing', async () => {
    expect(await run({ level: 'None' })).toEqual([]);
  });

  test('objects are not created if no backend wants them', async () => {
    const { recording } = audit({ level: 'Metadata' });
    await recording.logResponseObject(() => expect.fail('made'));
    const { recording: none } = audit({ level: 'None' });
    await none.logRequestObject(() => expect.fail('made'));
  });
});

test('stages omitted by the policy', async () => {
  const events = await run({ level: 'Metadata', omitStages: new Set(['RequestReceived']) });
  expect(events.map(({ stage }) => stage)).toEqual(['ResponseComplete']);
});

test('managed fields omitted by the policy, of objects, lists and tables', async () => {
  const events = await run({ level: 'RequestResponse', omitManagedFields: true });
  expect(JSON.stringify(events)).not.toContain('managedFields');
  const { backend, recording } = audit({ level: 'RequestResponse', omitManagedFields: true });
  await recording.logResponseObject(() => ({
    items: [structuredClone(secret)],
    rows: [{ cells: [1], object: structuredClone(secret) }],
  }));
  await recording.processStage('ResponseComplete');
  expect(JSON.stringify(backend.events)).not.toContain('managedFields');
  expect(JSON.stringify(backend.events)).toContain('aHVudGVyMg');
});

test.each([
  ['{"a":1}', { a: 1 }],
  ['a: 1', undefined],
])('the patch %s is written as %j', async (patch, written) => {
  const { backend, recording } = audit({ level: 'Request' });
  await recording.logRequestPatch(Buffer.from(patch));
  await recording.processStage('ResponseComplete');
  expect(backend.events.map(({ requestObject }) => requestObject)).toEqual([written]);
});

test('an object is logged in its shown form', async () => {
  const { backend, recording } = audit({ level: 'Request' });
  await recording.logRequestObject(
    () => ({ metadata: { name: 'inside' } }),
    async () => ({ metadata: { name: 'shown' } }),
  );
  await recording.processStage('ResponseComplete');
  expect(backend.events).toMatchObject([
    { objectRef: { name: 'inside' }, requestObject: { metadata: { name: 'shown' } } },
  ]);
});

test("a backend that can't accept an event reports it", async () => {
  const { backend, recording } = audit({ level: 'Metadata' });
  backend.works = false;
  expect(await recording.processStage('RequestReceived')).toBe(false);
});

test('a long user agent is truncated', async () => {
  const { recording, backend } = audit({ level: 'Metadata' });
  const base = testRequestContext();
  recording.begin(
    {
      ...base,
      request: { ...base.request, headers: headerFields([['user-agent', 'x'.repeat(2000)]]) },
      user: anna,
      receivedAt: 0,
    },
    { level: 'Metadata', omitStages: new Set(), omitManagedFields: false },
    backend,
  );
  await recording.processStage('RequestReceived');
  expect(backend.events[0]?.userAgent).toBe(`${'x'.repeat(1024)}...TRUNCATED`);
});

test('the legacy format', async () => {
  const [first, last] = await run({ level: 'Metadata' });
  expect(formatLegacy(first!)).toBe(
    '2026-05-01T12:00:00.123000Z AUDIT: id="id-1" stage="RequestReceived" ip="1.2.3.4" method="create" user="anna" groups="\\"dev\\"" as="<self>" asgroups="<lookup>" user-agent="kubectl" namespace="shop" uri="/api/v1/namespaces/shop/secrets?fieldManager=kubectl" response="<deferred>"',
  );
  expect(formatLegacy(last!)).toContain('as="ben" asgroups="<lookup>"');
  expect(formatLegacy(last!)).toContain('response="201"');
});

test('large objects are kept as text, as they were when they were logged', async () => {
  const { backend, recording } = audit({ level: 'RequestResponse', omitManagedFields: true });
  const large = { metadata: { name: 'a', managedFields: [{}] }, data: { k: 'x'.repeat(200_000) } };
  await recording.logRequestObject(() => large);
  const text = JSON.stringify(large);
  large.data.k = 'changed';
  await recording.logResponseObject(() => new RawJSON(text));
  await recording.processStage('ResponseComplete');
  const [event] = backend.events;
  const expected = { metadata: { name: 'a' }, data: { k: 'x'.repeat(200_000) } };
  expect(JSON.parse(await eventJSON(event!))).toMatchObject({
    requestObject: expected,
    responseObject: expected,
  });
  expect([event?.requestObject, event?.responseObject]).toEqual([
    new RawJSON(JSON.stringify(expected)),
    new RawJSON(JSON.stringify(expected)),
  ]);
});
