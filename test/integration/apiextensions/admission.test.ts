import { afterAll, beforeAll, expect, test } from 'vitest';
import { refusalOf, TestClient } from '../../fixtures/api-client.ts';
import { startTestServer, type TestServer } from '../../fixtures/api-server.ts';
import {
  DEFINITIONS,
  definitionManifest,
  GROUP,
  object,
  pathOf,
  schemaOf,
} from '../../fixtures/apiextensions/manifest.ts';
import { startWebhookServer, testAuthority, type WebhookServer } from '../../fixtures/webhook-server.ts';

const ADMISSION = '/apis/admissionregistration.k8s.io/v1';

let server: TestServer;
let webhook: WebhookServer;
const client = new TestClient(() => server);
beforeAll(async () => {
  server = await startTestServer();
  webhook = await startWebhookServer(await testAuthority());
  const string = { type: 'string' };
  await client.create(
    DEFINITIONS,
    definitionManifest('Guarded', [
      {
        schema: schemaOf({
          type: 'object',
          properties: { color: string, size: { type: 'integer' }, hint: { ...string, default: 'none' } },
        }),
        subresources: {
          scale: { specReplicasPath: '.spec.size', statusReplicasPath: '.status.size' },
        },
      },
      { schema: schemaOf({ type: 'object', properties: { color: string, size: { type: 'integer' } } }) },
    ]),
  );
});
afterAll(async () => {
  await webhook.close();
  await server.close();
});

const rules = [{ apiGroups: [GROUP], apiVersions: ['v1'], operations: ['CREATE'], resources: ['guardeds'] }];
/** Waits until new policies and webhooks are in effect. */
const settled = () => new Promise((resolve) => setTimeout(resolve, 600));

test('a policy reads custom resources like any other', async () => {
  await client.create(`${ADMISSION}/validatingadmissionpolicies`, {
    metadata: { name: 'no-red' },
    spec: {
      matchConstraints: { resourceRules: rules },
      validations: [{ expression: "object.spec.color != 'red'", message: 'no red' }],
    },
  });
  await client.create(`${ADMISSION}/validatingadmissionpolicybindings`, {
    metadata: { name: 'no-red' },
    spec: { policyName: 'no-red', validationActions: ['Deny'] },
  });
  await settled();
  const refused = await client.create(pathOf('Guarded'), object('Guarded', 'a', { spec: { color: 'red' } }));
  expect(refusalOf(refused)).toBe(
    `422 Invalid: guardeds.${GROUP} "a" is forbidden: ValidatingAdmissionPolicy 'no-red' with binding 'no-red' denied request: no red`,
  );
  // The policy is for v1; it also matches the resource in another version.
  const other = object('Guarded', 'a', { spec: { color: 'red' } }, 'v2');
  expect((await client.create(pathOf('Guarded', 'v2'), other)).status).toBe(422);
});

test('a webhook receives an object in its version, and its changes are defaulted', async () => {
  webhook.behave(({ request }) => {
    const { uid: _, object: sent } = request as unknown as { uid: string; object: { spec: object } };
    const patch = [
      { op: 'add', path: '/spec/color', value: `changed from ${JSON.stringify(sent.spec)}` },
      { op: 'add', path: '/spec/hint', value: null },
    ];
    return {
      allowed: true,
      patchType: 'JSONPatch',
      patch: Buffer.from(JSON.stringify(patch)).toString('base64'),
    };
  });
  await client.create(`${ADMISSION}/mutatingwebhookconfigurations`, {
    metadata: { name: 'changes' },
    webhooks: [
      {
        name: 'changes.example.com',
        clientConfig: { url: webhook.url, caBundle: webhook.caBundle },
        rules,
        sideEffects: 'None',
        admissionReviewVersions: ['v1'],
      },
    ],
  });
  await settled();
  const created = await client.create<{ spec: object }>(
    pathOf('Guarded', 'v2'),
    object('Guarded', 'b', { spec: { color: 'blue' } }, 'v2'),
  );
  expect(refusalOf(created)).toBe('201');
  expect(webhook.calls.at(-1)?.review.request).toMatchObject({
    kind: { group: GROUP, version: 'v1', kind: 'Guarded' },
    requestKind: { version: 'v2' },
    object: { apiVersion: `${GROUP}/v1`, spec: { color: 'blue' } },
  });
  expect((await client.get<{ spec: object }>(`${pathOf('Guarded')}/b`)).object.spec).toMatchObject({
    color: 'changed from {"color":"blue"}',
    hint: 'none',
  });
  await client.delete(`${ADMISSION}/mutatingwebhookconfigurations/changes`);
  await settled();
});

test('a mutating policy merges into custom resources by their schema', async () => {
  const policy = await client.create(`${ADMISSION}/mutatingadmissionpolicies`, {
    metadata: { name: 'sizes' },
    spec: {
      matchConstraints: { resourceRules: rules },
      reinvocationPolicy: 'Never',
      mutations: [
        {
          patchType: 'ApplyConfiguration',
          applyConfiguration: { expression: 'Object{spec: Object.spec{size: 7}}' },
        },
      ],
    },
  });
  expect(refusalOf(policy)).toBe('201');
  await client.create(`${ADMISSION}/mutatingadmissionpolicybindings`, {
    metadata: { name: 'sizes' },
    spec: { policyName: 'sizes' },
  });
  await settled();
  const created = await client.create<{ spec: object }>(
    pathOf('Guarded'),
    object('Guarded', 'c', { spec: { color: 'blue' } }),
  );
  expect(refusalOf(created)).toBe('201');
  expect(created.object.spec).toEqual({ color: 'blue', size: 7, hint: 'none' });
});
