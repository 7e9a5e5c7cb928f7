/** A rejection of a controller's request by a cluster policy is logged with the API's message, without a stack. */

import { afterAll, beforeAll, expect, test } from 'vitest';
import { call, startTestServer, type TestServer } from '../../fixtures/api-server.ts';

const GROUP = '/apis/admissionregistration.k8s.io/v1';
let server: TestServer;

beforeAll(async () => {
  server = await startTestServer({}, { controllers: ['serviceaccount-controller'] });
  const resourceRules = [
    { apiGroups: [''], apiVersions: ['v1'], resources: ['serviceaccounts'], operations: ['CREATE'] },
  ];
  const spec = { matchConstraints: { resourceRules }, validations: [{ expression: 'false', message: 'no' }] };
  const bound = { policyName: 'none', validationActions: ['Deny'] };
  for (const [resource, body] of [
    ['validatingadmissionpolicies', { metadata: { name: 'none' }, spec }],
    ['validatingadmissionpolicybindings', { metadata: { name: 'none' }, spec: bound }],
  ] as const) {
    expect((await call(server, 'POST', `${GROUP}/${resource}`, { body })).status).toBe(201);
  }
});
afterAll(() => server.close());

test('a controller logs the rejection of an object', async () => {
  await call(server, 'POST', '/api/v1/namespaces', { body: { metadata: { name: 'shop' } } });
  await expect.poll(() => server.errors.find((line) => line.includes(' on shop'))).toBeDefined();
  expect(server.errors.find((line) => line.includes(' on shop'))).toBe(
    'serviceaccount-controller failed on shop, will try again: ' +
      'serviceaccounts "default" is forbidden: ' +
      "ValidatingAdmissionPolicy 'none' with binding 'none' denied request: no",
  );
});
