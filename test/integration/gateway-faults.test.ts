/** Failures behind the functions as seen by clients of the gateway: a Status with a retry hint, and no loss of data. */

import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type Fault, FaultyProxy } from '../fixtures/faulty-proxy.ts';
import { type DeployedTenant, deployTenant } from '../fixtures/gateway.ts';

const TOKEN = 'admin-token';
const NAMES = ['default', 'kube-node-lease', 'kube-public', 'kube-system'];

let proxy: FaultyProxy;
let tenant: DeployedTenant;
beforeAll(async () => {
  const name = `faults-${process.pid}`;
  tenant = await deployTenant({
    tenant: name,
    parameters: {
      ServerArguments: `--authorization-mode=RBAC --event-ttl=1s --token-auth-file=/zeroplane/${name}/files/tokens.csv`,
    },
    files: { 'tokens.csv': `${TOKEN},admin,1,system:masters\n` },
    dynamodbProxy: async (endpoint) => {
      proxy = await FaultyProxy.open(endpoint);
      return proxy.endpoint;
    },
  });
  // Two environments of the function for built-in groups are warm, for two concurrent requests. The others are cold.
  const paths = ['/api/v1/namespaces', '/api/v1/nodes'];
  while ((tenant.gateway.environments()['KubeApiserverFunction'] ?? 0) < 2) {
    expect((await Promise.all(paths.map(get))).map(({ status }) => status)).toEqual([200, 200]);
  }
  await tenant.stream.idle();
}, 240_000);
afterEach(() => proxy.forget());
afterAll(async () => {
  await tenant?.close();
  await proxy?.close();
});

const MAPS = '/api/v1/namespaces/default/configmaps';
const get = (path: string) => tenant.request(TOKEN, 'GET', path);
const create = (name: string) =>
  tenant.request(TOKEN, 'POST', MAPS, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name } });
const always = (fault: Fault) => Array<Fault>(400).fill(fault);
const OPERATIONS = ['GetItem', 'Query', 'UpdateItem', 'PutItem', 'TransactWriteItems', 'BatchGetItem'];

describe('transient failures are hidden', () => {
  test.each<[string, Fault]>([
    ['UpdateItem', 'ProvisionedThroughputExceededException'],
    ['TransactWriteItems', 'ThrottlingException'],
    ['TransactWriteItems', 'reset after'],
    ['TransactWriteItems', 'error after'],
    ['UpdateItem', 'reset before'],
    ['UpdateItem', 'gateway error'],
  ])('%s: %s', async (operation, fault) => {
    const name = `${operation}-${fault}`.toLowerCase().replaceAll(' ', '-');
    proxy.spoil(operation, fault, fault);
    expect((await create(name)).status).toBe(201);
    proxy.forget();
    expect((await create(name)).status).toBe(409);
    expect((await get(`${MAPS}/${name}`)).status).toBe(200);
  });
});

describe('persistent failures are reported with a retry hint', () => {
  test.each<[Fault, number, string]>([
    ['ThrottlingException', 429, 'TooManyRequests'],
    ['reset before', 500, 'ServerTimeout'],
    ['silence before', 500, 'ServerTimeout'],
  ])(
    '%s',
    async (fault, code, reason) => {
      const name = `refused-${fault.toLowerCase().replaceAll(' ', '-')}`;
      for (const operation of OPERATIONS) proxy.spoil(operation, ...always(fault));
      const answers = await Promise.all([create(name), get(`${MAPS}/any`)]);
      for (const { status, headers, text } of answers) {
        expect(JSON.parse(text)).toMatchObject({ kind: 'Status', code, reason });
        expect([status, headers['retry-after']]).toEqual([code, expect.stringMatching(/^[12]$/)]);
      }
      // The failure is cached by now: later requests fail immediately, with few calls to the table. Two concurrent
      // requests: more would go to functions that start, which they can't.
      for (let round = 0; round < 4; round++) {
        proxy.operations.length = 0;
        const told = await Promise.all([create(name), create(name)]);
        const expected = [code, expect.stringMatching(/^[12]$/)];
        expect(told.map(({ status, headers }) => [status, headers['retry-after']])).toEqual([
          expected,
          expected,
        ]);
      }
      // Each of the two polls each of a few partitions at most once a second.
      expect(proxy.operations.length).toBeLessThan(20);
      proxy.forget();
      await new Promise((resolve) => setTimeout(resolve, 1_100));
      // A retry succeeds, and the rejected request had no effect.
      expect((await create(name)).status).toBe(201);
    },
    60_000,
  );

  test('a failure while a function starts, which then recovers', async () => {
    for (const operation of OPERATIONS) proxy.spoil(operation, ...always('ThrottlingException'));
    const { status, headers, text } = await get('/apis/apiextensions.k8s.io/v1/customresourcedefinitions');
    expect(JSON.parse(text)).toMatchObject({ kind: 'Status', code: 429, reason: 'TooManyRequests' });
    expect([status, headers['retry-after']]).toEqual([429, '1']);
    proxy.forget();
    expect((await get('/apis/apiextensions.k8s.io/v1/customresourcedefinitions')).status).toBe(200);
  }, 120_000);
});

test('non-ASCII warnings reach kubectl', async () => {
  const definition = {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: 'widgets.example.com' },
    spec: {
      group: 'example.com',
      scope: 'Cluster',
      names: { plural: 'widgets', singular: 'widget', kind: 'Widget' },
      versions: [
        {
          name: 'v1',
          served: true,
          storage: true,
          deprecated: true,
          deprecationWarning: 'Grüße: "widgets" enden 日本',
          schema: { openAPIV3Schema: { type: 'object' } },
        },
      ],
    },
  };
  await tenant.run(['create', '-f', '-'], JSON.stringify(definition));
  await tenant.run(['wait', '--for=condition=Established', 'crd/widgets.example.com']);
  // The function for discovery is notified within a second.
  await expect
    .poll(() => tenant.run(['api-resources', '--api-group=example.com', '-o', 'name']), { timeout: 10_000 })
    .toBe('widgets.example.com\n');
  const { stderr } = await tenant.kubectl(['get', 'widgets']);
  expect(stderr).toBe('Warning: Grüße: "widgets" enden 日本\nNo resources found\n');
}, 120_000);

test('the schedule sweeps expired objects, and finds missed work', async () => {
  const event = {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { name: 'old', namespace: 'default' },
    involvedObject: { kind: 'Pod', namespace: 'default', name: 'p' },
    reason: 'Told',
    message: 'once',
  };
  const events = '/api/v1/namespaces/default/events';
  const { status, text } = await tenant.request(TOKEN, 'POST', events, event);
  expect(status).toBe(201);
  await new Promise((resolve) => setTimeout(resolve, 2_100));
  await tenant.gateway.invoke('ControllersFunction', {
    source: 'aws.events',
    'detail-type': 'Scheduled Event',
  });
  const { resourceVersion } = JSON.parse(text).metadata;
  const watch = await get(`${events}?watch=1&timeoutSeconds=1&resourceVersion=${resourceVersion}`);
  expect(watch.text).toContain('"type":"DELETED"');
  const accounts = await tenant.run([
    'get',
    'serviceaccounts',
    '-A',
    '-o',
    'jsonpath={.items[*].metadata.namespace}',
  ]);
  expect(accounts.split(' ')).toEqual(NAMES);
}, 120_000);
