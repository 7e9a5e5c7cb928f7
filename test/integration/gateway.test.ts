import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type DeployedTenant, deployTenant } from '../fixtures/gateway.ts';
import { kubectlPath } from '../fixtures/kubectl.ts';

let tenant: DeployedTenant;
beforeAll(async () => {
  tenant = await deployTenant();
}, 120_000);
afterAll(() => tenant?.close());

const run = promisify(execFile);
const kubectl = async (...args: string[]) =>
  (
    await run(kubectlPath(), args, {
      env: { ...process.env, KUBECONFIG: tenant.kubeconfig, HOME: tenant.folder },
    })
  ).stdout;

test('kubectl works through the gateway and the bundled functions', async () => {
  expect(await kubectl('get', 'namespaces', '-o', 'name')).toBe(
    ['default', 'kube-node-lease', 'kube-public', 'kube-system']
      .map((name) => `namespace/${name}\n`)
      .join(''),
  );
  expect(await kubectl('create', 'configmap', 'a', '--from-literal=x=1')).toBe('configmap/a created\n');
  expect(await kubectl('get', 'configmap', 'a', '-o', 'jsonpath={.data.x}')).toBe('1');
  expect(await kubectl('create', 'deployment', 'web', '--image=nginx')).toBe('deployment.apps/web created\n');
  expect(await kubectl('delete', 'configmap', 'a')).toContain('configmap "a" deleted');
}, 60_000);

test('a watch streams through the gateway', async () => {
  const watch = run(
    kubectlPath(),
    [
      'get',
      '--raw',
      '/api/v1/namespaces/default/configmaps?watch=1&timeoutSeconds=3&resourceVersion=0&fieldSelector=metadata.name%3Dwatched',
    ],
    { env: { ...process.env, KUBECONFIG: tenant.kubeconfig } },
  );
  await kubectl('create', 'configmap', 'watched');
  const lines = (await watch).stdout.trim().split('\n');
  expect(lines.map((line) => (JSON.parse(line) as { type: string }).type)).toContain('ADDED');
}, 60_000);
