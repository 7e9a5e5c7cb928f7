/** Configuration written through one server takes effect in another within a second. */

import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { SDKStorageFactory } from '../../../shared/storage/dynamodb/sdk-storage-factory.ts';
import { call, startTestServer, type TestServer } from '../../fixtures/api-server.ts';
import { newTestTable } from '../../fixtures/storage.ts';
import { startWebhookServer, testAuthority, type WebhookServer } from '../../fixtures/webhook-server.ts';

const IN_FORCE_MS = 1000;
const REGISTRATION = '/apis/admissionregistration.k8s.io/v1';
const CONFIG_MAPS = [
  { apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['configmaps'] },
];

let here: TestServer;
let there: TestServer;
let webhook: WebhookServer;

beforeAll(async () => {
  const place = await newTestTable();
  // Separate storages, as in separate processes.
  here = await startTestServer({}, { storage: new SDKStorageFactory(place) });
  there = await startTestServer({}, { storage: new SDKStorageFactory(place) });
  webhook = await startWebhookServer(await testAuthority());
  webhook.behave(() => ({ allowed: false, status: { message: 'no' } }));
}, 60_000);
afterAll(async () => {
  await webhook.close();
  await there.close();
  await here.close();
});

interface Written {
  readonly path: string;
  readonly body: Readonly<Record<string, unknown>> & { readonly metadata: { readonly name: string } };
}

const object = (path: string, kind: string, name: string, fields: object): Written => ({
  path,
  body: {
    apiVersion: path.startsWith('/apis/') ? path.split('/').slice(2, 4).join('/') : 'v1',
    kind,
    metadata: { name },
    ...fields,
  },
});
const spec = (path: string, kind: string, name: string, fields: object): Written =>
  object(path, kind, name, { spec: fields });

/** Objects written through one server, and the other server's response to a new ConfigMap. */
const TABLE: readonly (readonly [name: string, written: () => readonly Written[], answer: string])[] = [
  [
    'a webhook',
    () => [
      object(`${REGISTRATION}/validatingwebhookconfigurations`, 'ValidatingWebhookConfiguration', 'w', {
        webhooks: [
          {
            name: 'w.example.com',
            admissionReviewVersions: ['v1'],
            sideEffects: 'None',
            clientConfig: { url: webhook.url, caBundle: webhook.caBundle },
            rules: CONFIG_MAPS,
          },
        ],
      }),
    ],
    'admission webhook "w.example.com" denied the request: no',
  ],
  [
    'a validating policy',
    () => [
      spec(`${REGISTRATION}/validatingadmissionpolicies`, 'ValidatingAdmissionPolicy', 'v', {
        matchConstraints: { resourceRules: CONFIG_MAPS },
        validations: [{ expression: 'false', message: 'never' }],
      }),
      spec(`${REGISTRATION}/validatingadmissionpolicybindings`, 'ValidatingAdmissionPolicyBinding', 'v', {
        policyName: 'v',
        validationActions: ['Deny'],
      }),
    ],
    "ValidatingAdmissionPolicy 'v' with binding 'v' denied request: never",
  ],
  [
    'a mutating policy',
    () => [
      spec(`${REGISTRATION}/mutatingadmissionpolicies`, 'MutatingAdmissionPolicy', 'm', {
        matchConstraints: { resourceRules: CONFIG_MAPS },
        reinvocationPolicy: 'Never',
        mutations: [
          {
            patchType: 'JSONPatch',
            jsonPatch: { expression: '[JSONPatch{op: "remove", path: "/x"}]' },
          },
        ],
      }),
      spec(`${REGISTRATION}/mutatingadmissionpolicybindings`, 'MutatingAdmissionPolicyBinding', 'm', {
        policyName: 'm',
      }),
    ],
    "policy 'm' with binding 'm' denied request: JSON Patch: error in remove for path: '/x': Unable to remove nonexistent key: x: missing value",
  ],
  [
    'a quota',
    () => [
      object('/api/v1/namespaces/default/resourcequotas', 'ResourceQuota', 'q', {
        spec: { hard: { configmaps: '0' } },
      }),
      object('/api/v1/namespaces/default/resourcequotas/q/status', 'ResourceQuota', 'q', {
        status: { hard: { configmaps: '0' }, used: { configmaps: '0' } },
      }),
    ],
    'exceeded quota: q, requested: configmaps=1, used: configmaps=0, limited: configmaps=0',
  ],
];

const dryRun = () =>
  call(there, 'POST', '/api/v1/namespaces/default/configmaps?dryRun=All', {
    body: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'c' } },
  });

test.each(TABLE)('%s', async (_, written, answer) => {
  expect((await dryRun()).status).toBe(201);
  for (const { path, body } of written()) {
    const isStatus = path.endsWith('/status');
    const { status, text } = await call(here, isStatus ? 'PUT' : 'POST', path, { body });
    expect(status, text).toBe(isStatus ? 200 : 201);
  }
  await sleep(IN_FORCE_MS);
  expect((await dryRun()).json?.['message']).toContain(answer);
  for (const { path, body } of written()) {
    if (path.endsWith('/status')) continue;
    expect((await call(here, 'DELETE', `${path}/${body.metadata.name}`)).status).toBe(200);
  }
  await sleep(IN_FORCE_MS);
  expect((await dryRun()).status).toBe(201);
});
