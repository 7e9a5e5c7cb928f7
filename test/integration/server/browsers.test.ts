/** Headers for browsers, as in upstream's filters/cors.go and hsts.go. */

import { afterAll, beforeAll, expect, test } from 'vitest';
import { call, startTestServer, type TestServer } from '../../fixtures/api-server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer({
    corsAllowedOrigins: ['^https://console\\.example\\.com$', '//localhost(:|$)'],
    strictTransportSecurityDirectives: ['max-age=60', 'includeSubDomains'],
  });
});
afterAll(() => server.close());

const GRANTED = {
  'access-control-allow-methods': 'POST, GET, OPTIONS, PUT, DELETE, PATCH',
  'access-control-allow-headers':
    'Content-Type, Content-Length, Accept-Encoding, X-CSRF-Token, Authorization, X-Requested-With, If-Modified-Since',
  'access-control-expose-headers': 'Date',
  'access-control-allow-credentials': 'true',
};

const aboutBrowsers = (headers: Readonly<Record<string, unknown>>) =>
  Object.fromEntries(
    Object.entries(headers).filter(([name]) => /^(?:access-control|strict-transport)-/.test(name)),
  );

const HSTS = { 'strict-transport-security': 'max-age=60; includeSubDomains' };

test.each<[string, string, string, number, object]>([
  ['GET', 'https://console.example.com', '/version', 200, GRANTED],
  ['GET', 'http://localhost:8001', '/api/v1/namespaces/absent', 404, GRANTED],
  ['OPTIONS', 'https://console.example.com', '/api/v1/namespaces', 204, GRANTED],
  ['GET', 'https://console.example.com.evil.org', '/version', 200, {}],
  ['GET', '', '/version', 200, {}],
])('%s from %s of %s is answered with %i', async (method, origin, path, status, granted) => {
  const headers: Record<string, string> = origin === '' ? {} : { origin };
  const answer = await call(server, method, path, { headers });
  const allowed = granted === GRANTED ? { ...GRANTED, 'access-control-allow-origin': origin } : {};
  expect([answer.status, aboutBrowsers(answer.headers)]).toEqual([status, { ...allowed, ...HSTS }]);
});
