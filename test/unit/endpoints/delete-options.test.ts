import { afterAll, beforeAll, expect, test } from 'vitest';
import { call, startTestServer, type TestServer } from '../../fixtures/api-server.ts';

const MAPS = '/api/v1/namespaces/default/configmaps';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.close());

interface Body {
  readonly metadata: { readonly uid: string; readonly resourceVersion: string };
}

async function asked(query: (body: Body) => string): Promise<[number, string | undefined]> {
  const { json } = await call(server, 'POST', MAPS, { body: { metadata: { name: 'a' } } });
  const path = `${MAPS}/a?${query(json as unknown as Body)}`;
  const { status, json: answer } = await call(server, 'DELETE', path);
  await call(server, 'DELETE', `${MAPS}/a`);
  return [status, (answer?.reason as string | undefined) ?? undefined];
}

/**
 * Delete options from the query if there is no body, parsed as by upstream's `Convert_url_Values_To_v1_DeleteOptions`.
 */
test.each<[string, (body: Body) => string, number, string | undefined]>([
  ['another uid', () => 'uid=x', 409, 'Conflict'],
  ['its uid', ({ metadata }) => `uid=${metadata.uid}`, 200, undefined],
  ['no uid', () => 'uid=', 200, undefined],
  ['another version', () => 'resourceVersion=1', 409, 'Conflict'],
  ['its version', ({ metadata }) => `resourceVersion=${metadata.resourceVersion}`, 200, undefined],
  ['its uid and another version', ({ metadata }) => `uid=${metadata.uid}&resourceVersion=1`, 409, 'Conflict'],
])('a deletion with the precondition %s', async (_, query, status, reason) => {
  expect(await asked(query)).toEqual([status, reason]);
});

test('a collection is deleted with a uid precondition', async () => {
  await call(server, 'POST', MAPS, { body: { metadata: { name: 'kept' } } });
  expect((await call(server, 'DELETE', `${MAPS}?uid=x`)).status).toBe(409);
  expect((await call(server, 'GET', `${MAPS}/kept`)).status).toBe(200);
});
