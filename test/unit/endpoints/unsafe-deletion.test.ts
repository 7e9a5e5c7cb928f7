import { afterAll, beforeAll, expect, test } from 'vitest';
import type { RequestAuthenticator } from '../../../shared/authn/authenticator.ts';
import { headerOf } from '../../../shared/request/api-request.ts';
import { call, startTestServer, type TestServer } from '../../fixtures/api-server.ts';

const MAPS = '/api/v1/namespaces/default/configmaps';
const UNSAFE = 'ignoreStoreReadErrorWithClusterBreakingPotential';

/** Authenticates the user named by a header. */
const byHeader: RequestAuthenticator = {
  authenticateRequest: async ({ headers }) => ({
    user: {
      name: headerOf(headers, 'x-user') ?? '',
      uid: '',
      groups: headerOf(headers, 'x-user') === 'root' ? ['system:masters'] : [],
      extra: {},
    },
    audiences: [],
  }),
};

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer({ authorizationMode: ['RBAC'] }, { authenticator: byHeader });
  const rules = [{ apiGroups: [''], resources: ['configmaps'], verbs: ['create', 'delete'] }];
  await as('root', 'POST', '/apis/rbac.authorization.k8s.io/v1/clusterroles', {
    metadata: { name: 'deleter' },
    rules,
  });
  const bound = { metadata: { name: 'deleter' }, subjects: [{ kind: 'User', name: 'jane' }] };
  const roleRef = { kind: 'ClusterRole', name: 'deleter' };
  await as('root', 'POST', '/apis/rbac.authorization.k8s.io/v1/clusterrolebindings', { ...bound, roleRef });
});
afterAll(() => server.close());

const as = (user: string, method: string, path: string, body?: unknown, of: TestServer = server) =>
  call(of, method, path, { headers: { 'x-user': user }, ...(body !== undefined && { body }) });

test('the right to delete does not include deleting unreadable objects', async () => {
  await as('jane', 'POST', MAPS, { metadata: { name: 'a' } });
  const { status, json } = await as('jane', 'DELETE', `${MAPS}/a?${UNSAFE}=true`);
  expect([status, json?.['message']]).toEqual([
    403,
    'configmaps "a" is forbidden: not permitted to do "unsafe-delete-ignore-read-errors", reason: ',
  ]);
  expect((await as('root', 'DELETE', `${MAPS}/a?${UNSAFE}=true`)).status).toBe(409);
});

test('with the gate off it is an ordinary deletion', async () => {
  const off = await startTestServer({
    featureGates: new Map([['AllowUnsafeMalformedObjectDeletion', 'false']]),
  });
  await as('root', 'POST', MAPS, { metadata: { name: 'a' } }, off);
  expect((await as('root', 'DELETE', `${MAPS}/a?${UNSAFE}=true`, undefined, off)).status).toBe(200);
  expect((await as('root', 'GET', `${MAPS}/a`, undefined, off)).status).toBe(404);
  await off.close();
});
