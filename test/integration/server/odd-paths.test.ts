/** Paths with an empty namespace or name, answered as by kube-apiserver 1.37.2, except where that fails or deletes. */

import { afterAll, beforeAll, expect, test } from 'vitest';
import { call, startTestServer, type TestServer } from '../../fixtures/api-server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer({});
});
afterAll(() => server.close());

const configMap = (namespace?: string) => ({ metadata: { name: 'a', namespace } });
const NEEDED = 'Namespace parameter required.';
const UNNAMED = 'name must be provided';
const UNKNOWN = 'the server could not find the requested resource';
const NOT_ALLOWED = 'the server does not allow this method on the requested resource';
const scale = { kind: 'Scale', apiVersion: 'autoscaling/v1', metadata: { name: 'a' }, spec: { replicas: 1 } };
const eviction = { kind: 'Eviction', apiVersion: 'policy/v1', metadata: { name: 'a' } };
const core = '/api/v1/namespaces';

test.each<[method: string, path: string, body: object | undefined, code: number, message: string]>([
  // A namespace with an empty name has no objects, and none can be created or deleted.
  [
    'POST',
    `${core}//configmaps`,
    configMap(),
    422,
    'ConfigMap "a" is invalid: metadata.namespace: Required value',
  ],
  [
    'POST',
    `${core}//configmaps`,
    configMap('default'),
    422,
    'ConfigMap "a" is invalid: metadata.namespace: Required value',
  ],
  ['GET', `${core}//configmaps/a`, undefined, 400, NEEDED],
  ['PUT', `${core}//configmaps/a`, configMap(), 400, NEEDED],
  ['PATCH', `${core}//configmaps/a`, {}, 400, NEEDED],
  ['DELETE', `${core}//configmaps/a`, undefined, 400, NEEDED],
  // kube-apiserver lists all namespaces, and fails at the first object.
  ['DELETE', `${core}//configmaps`, undefined, 400, NEEDED],
  ['POST', `${core}//configmaps/a`, configMap(), 405, NOT_ALLOWED],
  ['GET', `${core}//pods/a/log`, undefined, 400, NEEDED],
  ['POST', `${core}//pods/a/eviction`, eviction, 400, NEEDED],
  ['GET', `${core}//services/a/proxy/b/c`, undefined, 400, 'missing required namespace'],
  ['PUT', '/apis/apps/v1/namespaces//deployments/a/scale', scale, 400, NEEDED],
  ['GET', `${core}//pods/a/nothing`, undefined, 404, UNKNOWN],
  ['GET', `${core}//nodes`, undefined, 404, UNKNOWN],
  ['GET', `${core}//namespaces`, undefined, 404, UNKNOWN],
  ['GET', `${core}/default/namespaces/default`, undefined, 404, UNKNOWN],
  // After an empty name.
  ['GET', `${core}//status`, undefined, 400, UNNAMED],
  ['PUT', `${core}//finalize`, { metadata: { name: 'a' } }, 400, UNNAMED],
  ['POST', `${core}//status`, {}, 405, NOT_ALLOWED],
  ['GET', `${core}/default/pods//status`, undefined, 400, UNNAMED],
  ['GET', `${core}/default/pods//log`, undefined, 400, UNNAMED],
  ['PUT', `${core}/default/pods//status`, { metadata: { name: 'a' } }, 400, UNNAMED],
  ['POST', `${core}/default/pods//eviction`, eviction, 400, UNNAMED],
  ['GET', `${core}/default/pods//exec?command=a`, undefined, 400, UNNAMED],
  ['DELETE', `${core}/default/pods//status`, undefined, 405, NOT_ALLOWED],
  ['GET', '/api/v1/nodes//proxy/a', undefined, 400, UNNAMED],
  ['GET', '/apis/apps/v1/namespaces/default/deployments//scale', undefined, 400, UNNAMED],
  // kube-apiserver answers 500, since they are invalid in etcd's keys.
  ['POST', `${core}/./configmaps`, configMap(), 404, 'namespaces "." not found'],
  ['POST', `${core}/../configmaps`, configMap(), 404, 'namespaces ".." not found'],
  ['GET', `${core}/%2e/configmaps/a`, undefined, 404, 'configmaps "a" not found'],
  ['DELETE', `${core}/%2E%2E/configmaps/a`, undefined, 404, 'configmaps "a" not found'],
  ['GET', `${core}/..`, undefined, 400, `Name parameter invalid: "..": may not be '..'`],
  ['GET', `${core}/default/configmaps/.`, undefined, 400, `Name parameter invalid: ".": may not be '.'`],
])('%s %s', async (method, path, body, code, message) => {
  const headers = {
    'content-type': method === 'PATCH' ? 'application/merge-patch+json' : 'application/json',
  };
  const answer = await call(server, method, path, { body, headers });
  expect([answer.status, answer.json?.['message']]).toEqual([code, message]);
});

test.each(['.', '..', '%2e%2e'])('a namespace %s has no objects', async (name) => {
  const { status, json } = await call(server, 'GET', `${core}/${name}/configmaps`);
  expect([status, json?.['items']]).toEqual([200, []]);
});
