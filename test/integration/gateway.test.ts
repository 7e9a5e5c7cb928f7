import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { DynamoDBClient, ScanCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type DeployedTenant, deployTenant } from '../fixtures/gateway.ts';
import { kubectlPath } from '../fixtures/kubectl.ts';
import { testDynamoDBEndpoint } from '../fixtures/storage.ts';

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

/** The stream's records of everything that was logged so far. */
async function streamEvent() {
  const client = new DynamoDBClient({
    endpoint: await testDynamoDBEndpoint(),
    region: 'us-east-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  });
  const { Items = [] } = await client.send(
    new ScanCommand({ TableName: String(tenant.gateway.template.tables['Table']!['TableName']) }),
  );
  client.destroy();
  const entries = Items.filter(({ y }) => y?.S === 'p' || y?.S === 'd');
  return { Records: entries.map((item) => ({ eventName: 'INSERT', dynamodb: { NewImage: item } })) };
}

test('the controllers function empties a namespace and lets it go', async () => {
  await kubectl('create', 'namespace', 'doomed');
  await kubectl('-n', 'doomed', 'create', 'configmap', 'inside');
  await kubectl('delete', 'namespace', 'doomed', '--wait=false');
  expect(await kubectl('get', 'namespace', 'doomed', '-o', 'jsonpath={.status.phase}')).toBe('Terminating');
  for (let i = 0; i < 3; i++) await tenant.gateway.invoke('ControllersFunction', await streamEvent());
  expect(await kubectl('get', 'namespaces', '-o', 'name')).not.toContain('doomed');
}, 60_000);
