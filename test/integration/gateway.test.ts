/** The template's functions, from their bundles, behind its routes. */

import { afterAll, beforeAll, expect, test } from 'vitest';
import { type DeployedTenant, deployTenant } from '../fixtures/gateway.ts';

let tenant: DeployedTenant;
beforeAll(async () => {
  tenant = await deployTenant();
}, 240_000);
afterAll(() => tenant?.close());

test('kubectl works through the gateway and the bundled functions', async () => {
  expect(await tenant.run(['get', 'namespaces', '-o', 'name'])).toBe(
    ['default', 'kube-node-lease', 'kube-public', 'kube-system']
      .map((name) => `namespace/${name}\n`)
      .join(''),
  );
  expect(await tenant.run(['create', 'configmap', 'a', '--from-literal=x=1'])).toBe('configmap/a created\n');
  expect(await tenant.run(['get', 'configmap', 'a', '-o', 'jsonpath={.data.x}'])).toBe('1');
  expect(await tenant.run(['create', 'deployment', 'web', '--image=nginx'])).toBe(
    'deployment.apps/web created\n',
  );
  expect(await tenant.run(['delete', 'configmap', 'a'])).toContain('configmap "a" deleted');
}, 120_000);

test('the path of the stage alone is the API: apply and explain find its schemas', async () => {
  expect(new URL(tenant.gateway.url).pathname).toBe('/v1');
  const manifest = JSON.stringify({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'applied' },
    data: { a: 1 },
  });
  expect((await tenant.kubectl(['apply', '-f', '-'], manifest)).stderr).toContain('data');
  expect(await tenant.run(['explain', 'configmap.data'])).toContain('KIND:       ConfigMap');
}, 120_000);

test('a watch streams through the gateway', async () => {
  const path = '/api/v1/namespaces/default/configmaps?watch=1&timeoutSeconds=3&resourceVersion=0';
  const watch = async () => {
    const text = await tenant.run(['get', '--raw', `${path}&fieldSelector=metadata.name%3Dwatched`]);
    const lines = text.split('\n').filter((line) => line !== '');
    return lines.map((line) => (JSON.parse(line) as { type: string }).type);
  };
  const watched = watch();
  await tenant.run(['create', 'configmap', 'watched']);
  // A watch that ended before the write is restarted.
  const types = await watched;
  expect(types.length > 0 ? types : await watch()).toContain('ADDED');
}, 120_000);

test('the controllers function, invoked by the stream, empties and removes a namespace', async () => {
  await tenant.run(['create', 'namespace', 'doomed']);
  await tenant.run(['-n', 'doomed', 'create', 'configmap', 'inside']);
  await tenant.run(['delete', 'namespace', 'doomed', '--wait=false']);
  await tenant.stream.idle();
  expect(await tenant.run(['get', 'namespaces', '-o', 'name'])).not.toContain('doomed');
}, 120_000);

test('the stream causes a service account and the CA bundle for its pods', async () => {
  await tenant.stream.idle();
  expect(await tenant.run(['get', 'serviceaccounts', '-n', 'default', '-o', 'name'])).toBe(
    'serviceaccount/default\n',
  );
  const bundle = await tenant.run(['get', 'cm', 'kube-root-ca.crt', '-o', 'jsonpath={.data.ca\\.crt}']);
  expect(bundle.match(/BEGIN CERTIFICATE/g)).toHaveLength(5);
  const trusted = ['-n', 'kube-system', 'get', 'cm', 'extension-apiserver-authentication'];
  const clientCA = await tenant.run([...trusted, '-o', 'jsonpath={.data.client-ca-file}']);
  expect(clientCA).toBe(tenant.pki.ca.certificate);
}, 120_000);
