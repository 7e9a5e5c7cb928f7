/** The log of a control plane at the highest verbosity: its operations, their origin and cost, and no secrets. */

import { afterAll, beforeAll, expect, test } from 'vitest';
import { TableUsageCounter } from '../../../shared/storage/table-usage.ts';
import { type LogRecord, newLogger, VERBOSITY } from '../../../shared/util/logger.ts';
import { call, startTestServer, type TestServer } from '../../fixtures/api-server.ts';
import { newTestStorageFactory } from '../../fixtures/storage.ts';
import { startWebhookServer, testAuthority, type WebhookServer } from '../../fixtures/webhook-server.ts';

const TOKEN = 'a-token-of-somebody';
const SECRET = 'what-nobody-may-read';
const AUDIT_ID = 'this-request';

const said: LogRecord[] = [];
let webhook: WebhookServer;
let server: TestServer;

beforeAll(async () => {
  webhook = await startWebhookServer(await testAuthority());
  const tableUsage = new TableUsageCounter();
  const storage = await newTestStorageFactory({ onCapacity: tableUsage.add });
  server = await startTestServer(
    { verbosity: VERBOSITY.calls, disableAdmissionPlugins: ['AlwaysPullImages'] },
    { storage, tableUsage, logger: newLogger((record) => said.push(record)) },
  );
  const { url, caBundle } = webhook;
  await call(server, 'POST', '/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations', {
    body: {
      metadata: { name: 'all' },
      webhooks: [
        {
          name: 'all.example.com',
          clientConfig: { url: `${url}/check`, caBundle },
          rules: [{ operations: ['*'], apiGroups: [''], apiVersions: ['*'], resources: ['secrets'] }],
          sideEffects: 'None',
          admissionReviewVersions: ['v1'],
        },
      ],
    },
  });
});
afterAll(async () => {
  await server.close();
  await webhook.close();
});

/** Log lines of a request with this message, without variable fields. */
function lines(message: string, auditID: string): object[] {
  return said
    .filter(({ message: text, fields }) => text === message && fields['auditID'] === auditID)
    .map(({ fields: { auditID: _, milliseconds, resourceVersion: __, ...fields } }) => {
      expect(milliseconds).toBeGreaterThanOrEqual(0);
      return fields;
    });
}

test('a start is logged: flags, plugins, its end', () => {
  const [plane, plugins] = said.filter(({ verbosity }) => verbosity === VERBOSITY.start);
  expect(plane).toMatchObject({
    message: 'control plane',
    fields: { flags: '--v=6 --disable-admission-plugins=AlwaysPullImages' },
  });
  expect(String(plugins?.fields['names']).split(',')).toEqual(
    expect.arrayContaining(['NamespaceLifecycle', 'ValidatingAdmissionWebhook']),
  );
  expect(said.map(({ message }) => message)).toContain('ready');
});

test('a request is logged with its storage and webhook calls and their cost', async () => {
  const headers = { 'audit-id': AUDIT_ID, authorization: `Bearer ${TOKEN}` };
  const body = { metadata: { name: 'a' }, stringData: { password: SECRET } };
  const answer = await call(server, 'POST', `/api/v1/namespaces/default/secrets?fieldManager=${TOKEN}`, {
    headers,
    body,
  });
  expect(answer.status).toBe(201);
  expect(lines('request', AUDIT_ID)).toEqual([
    {
      verb: 'create',
      version: 'v1',
      resource: 'secrets',
      namespace: 'default',
      code: 201,
      bytes: answer.text.length,
    },
  ]);
  expect(lines('call', AUDIT_ID)).toEqual([{ method: 'POST', url: `${webhook.url}/check`, code: 200 }]);
  // The number of reads of the namespace depends on caching.
  const [create, ...others] = lines('storage', AUDIT_ID).filter(
    (fields) => 'key' in fields && !JSON.stringify(fields).includes('/registry/core/namespaces'),
  );
  expect([create, others]).toEqual([
    {
      verb: 'create',
      resource: '/registry/core/secrets',
      key: 'default/a',
      // The first of its resource, which is added to the list, and of its revisions.
      calls: 3,
      readUnits: 0,
      writeUnits: expect.any(Number),
    },
    [],
  ]);
  expect(create).not.toMatchObject({ writeUnits: 0 });
  const text = JSON.stringify(said);
  for (const secret of [TOKEN, SECRET, Buffer.from(SECRET).toString('base64')]) {
    expect(text).not.toContain(secret);
  }
});

test('a storage failure is logged with its reason', async () => {
  await call(server, 'GET', '/api/v1/namespaces/default/secrets/none', {
    headers: { 'audit-id': 'of-none' },
  });
  expect(lines('storage', 'of-none')).toEqual([
    expect.objectContaining({
      verb: 'get',
      key: 'default/none',
      err: expect.stringContaining('default/none'),
    }),
  ]);
});

test('a turn of a controller is logged', async () => {
  await server.reconcile({ patienceMs: 0 });
  expect(said).toContainEqual(
    expect.objectContaining({
      message: 'turn',
      fields: expect.objectContaining({ controller: 'serviceaccount-controller', key: 'default' }),
    }),
  );
});
