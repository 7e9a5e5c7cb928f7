import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { type LocalServer, startLocalServer } from '../fixtures/local-server.ts';

let server: LocalServer;
beforeAll(async () => {
  server = await startLocalServer();
});
afterAll(() => server.stop());

const WATCH =
  '/api/v1/namespaces/default/configmaps?watch=true&timeoutSeconds=2&fieldSelector=metadata.name%3Done';

async function open(path: string, headers: Record<string, string> = {}): Promise<WebSocket> {
  const kubeconfig = readFileSync(server.kubeconfig, 'utf8');
  const data = (name: string) =>
    Buffer.from(new RegExp(`${name}-data: (.*)`).exec(kubeconfig)![1]!, 'base64').toString();
  const identity = {
    ca: data('certificate-authority'),
    cert: data('client-certificate'),
    key: data('client-key'),
  };
  const as = 'authorization' in headers ? { ca: identity.ca } : identity;
  return new WebSocket(`${server.url.replace('https', 'wss')}${path}`, { ...as, headers });
}

/** Collects messages until the server closes. */
async function messages(client: WebSocket): Promise<{ texts: (Buffer | string)[]; code: number }> {
  const texts: (Buffer | string)[] = [];
  client.on('message', (data, isBinary) => texts.push(isBinary ? (data as Buffer) : String(data)));
  const [code] = (await once(client, 'close')) as [number];
  return { texts, code };
}

test('a watch is upgraded to a WebSocket on request: an event is a text message', async () => {
  await server.run(['create', 'configmap', 'one', '--from-literal=a=1']);
  const seen = messages(await open(WATCH, { origin: server.url }));
  const { texts, code } = await seen;
  expect(code).toBe(1000);
  expect(texts.map((text) => JSON.parse(String(text)))).toMatchObject([
    { type: 'ADDED', object: { kind: 'ConfigMap', metadata: { name: 'one' }, data: { a: '1' } } },
  ]);
  expect(String(texts[0]).endsWith('}\n')).toBe(true);
});

test('in protobuf an event is a binary message, without its length', async () => {
  const accept = 'application/vnd.kubernetes.protobuf;stream=watch';
  const { texts } = await messages(await open(WATCH, { origin: server.url, accept }));
  expect(texts).toHaveLength(1);
  // Field 1 of WatchEvent: its length and text.
  expect((texts[0] as Buffer).subarray(0, 7)).toEqual(Buffer.from('\n\x05ADDED', 'latin1'));
});

test.each([
  ['without an origin', {}, 403],
  ['with an unknown token', { origin: 'https://here', authorization: 'Bearer no' }, 401],
  ['with an unsupported media type', { origin: 'https://here', accept: 'text/plain' }, 406],
])('rejected %s', async (_, headers, status) => {
  const client = await open(WATCH, headers);
  client.on('error', () => undefined);
  const [, response] = await once(client, 'unexpected-response');
  expect(response.statusCode).toBe(status);
});

test('a list is not upgraded', async () => {
  const client = await open('/api/v1/namespaces/default/configmaps', { origin: server.url });
  client.on('error', () => undefined);
  const [, response] = await once(client, 'unexpected-response');
  expect([response.statusCode, response.headers['content-type']]).toEqual([200, 'application/json']);
});
