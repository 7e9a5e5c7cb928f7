/** Responses as of the next release, behind the gates StatusResourceVersion and NotFoundStatus. */

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { call, startTestServer, type TestServer } from '../../fixtures/api-server.ts';

// biome-ignore lint/suspicious/noExplicitAny: responses are inspected
type Json = any;

const MAPS = '/api/v1/namespaces/default/configmaps';
const PODS = '/api/v1/namespaces/default/pods';

describe.each([[true], [false]])('gates on: %j', (isOn) => {
  let server: TestServer;
  beforeAll(async () => {
    const featureGates = new Map([
      ['StatusResourceVersion', `${isOn}`],
      ['NotFoundStatus', `${isOn}`],
    ]);
    server = await startTestServer({ featureGates });
    await ask('POST', '/api/v1/namespaces/default/serviceaccounts', { metadata: { name: 'default' } });
  });
  afterAll(() => server.close());

  const ask = async (method: string, path: string, body?: object): Promise<Json> =>
    (await call(server, method, path, { body })).json;

  /** The revision of the object's DELETED event. */
  async function goneAt(path: string, name: string, since: string): Promise<string> {
    const query = `watch=true&timeoutSeconds=1&resourceVersion=${since}&fieldSelector=metadata.name=${name}`;
    const { text } = await call(server, 'GET', `${path}?${query}`);
    const events: Json[] = text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    return events.find(({ type }) => type === 'DELETED').object.metadata.resourceVersion;
  }

  const pod = (name: string, spec: object = {}) => ({
    metadata: { name },
    spec: { automountServiceAccountToken: false, containers: [{ name: 'c', image: 'i' }], ...spec },
  });

  test('the Status of a deletion has its revision', async () => {
    const { metadata } = await ask('POST', MAPS, { metadata: { name: 'one' } });
    const status = await ask('DELETE', `${MAPS}/one`);
    const resourceVersion = await goneAt(MAPS, 'one', metadata.resourceVersion);
    expect(status).toEqual({
      kind: 'Status',
      apiVersion: 'v1',
      metadata: isOn ? { resourceVersion } : {},
      status: 'Success',
      details: { name: 'one', kind: 'configmaps', uid: metadata.uid },
    });
  });

  test('the Status of a dry-run deletion has the current revision', async () => {
    const { metadata } = await ask('POST', MAPS, { metadata: { name: 'shown' } });
    const status = await ask('DELETE', `${MAPS}/shown?dryRun=All`);
    expect(status.metadata).toEqual(isOn ? { resourceVersion: metadata.resourceVersion } : {});
  });

  test('an update that completes a deletion returns its revision', async () => {
    const finalizers = ['example.com/a'];
    await ask('POST', MAPS, { metadata: { name: 'held', finalizers } });
    const held = await ask('DELETE', `${MAPS}/held`);
    const { resourceVersion } = held.metadata;
    const answer = await ask('PUT', `${MAPS}/held`, { metadata: { name: 'held', resourceVersion } });
    const gone = await goneAt(MAPS, 'held', resourceVersion);
    expect(answer.metadata.resourceVersion).toBe(isOn ? gone : resourceVersion);
  });

  test('the Status of a binding has its revision', async () => {
    await ask('POST', PODS, pod('bound'));
    const status = await ask('POST', `${PODS}/bound/binding`, {
      metadata: { name: 'bound' },
      target: { kind: 'Node', name: 'n' },
    });
    const { resourceVersion } = (await ask('GET', `${PODS}/bound`)).metadata;
    const metadata = isOn ? { resourceVersion } : {};
    expect(status).toEqual({ kind: 'Status', apiVersion: 'v1', metadata, status: 'Success', code: 201 });
  });

  test('the Status of an eviction has its revision', async () => {
    const { metadata } = await ask('POST', PODS, pod('evicted'));
    const status = await ask('POST', `${PODS}/evicted/eviction`, { metadata: { name: 'evicted' } });
    const resourceVersion = await goneAt(PODS, 'evicted', metadata.resourceVersion);
    expect(status.metadata).toEqual(isOn ? { resourceVersion } : {});
  });

  test.each([['/apis/none.example.com'], ['/apis/none.example.com/v1/things'], ['/none']])(
    '%s',
    async (path) => {
      const { status, headers, text } = await call(server, 'GET', path);
      const told =
        '{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"404 page not found","reason":"NotFound","code":404}\n';
      expect([status, headers['content-type'], text]).toEqual(
        isOn ? [404, 'application/json', told] : [404, 'text/plain; charset=utf-8', '404 page not found\n'],
      );
    },
  );

  test('an unknown path has a protobuf Status if the client accepts it', async () => {
    const headers = { accept: 'application/vnd.kubernetes.protobuf' };
    const answer = await call(server, 'GET', '/none', { headers });
    const expected = isOn ? 'application/vnd.kubernetes.protobuf' : 'text/plain; charset=utf-8';
    expect([answer.status, answer.headers['content-type']]).toEqual([404, expected]);
  });
});
