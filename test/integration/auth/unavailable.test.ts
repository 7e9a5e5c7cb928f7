/** If the data needed to verify credentials is unavailable, clients are told to retry, and none is authenticated. */

import { afterAll, beforeAll, expect, test } from 'vitest';
import { AuthenticationError } from '../../../shared/authn/authenticator.ts';
import { newServiceUnavailable, newTimeoutError } from '../../../shared/meta/status-error.ts';
import { call, startTestServer, type TestServer } from '../../fixtures/api-server.ts';

const ERRORS: Readonly<Record<string, Error>> = {
  key: newServiceUnavailable('the key can not be read', 3),
  object: newTimeoutError('the account can not be read', 2),
  credentials: new AuthenticationError('the token is bad'),
  code: new TypeError('a mistake'),
};

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer(
    {},
    {
      authenticator: {
        authenticateRequest: async ({ headers }) => {
          throw ERRORS[headers.get('missing')![0]!]!;
        },
      },
    },
  );
});
afterAll(() => server?.close());

test.each([
  ['key', 503, 'ServiceUnavailable', '3'],
  ['object', 504, 'Timeout', '2'],
  ['credentials', 401, 'Unauthorized', undefined],
  ['code', 401, 'Unauthorized', undefined],
])('%s', async (missing, code, reason, retryAfter) => {
  const answer = await call(server, 'GET', '/api/v1/pods', { headers: { missing } });
  expect([answer.status, answer.json?.['reason'], answer.headers['retry-after']]).toEqual([
    code,
    reason,
    retryAfter,
  ]);
});
