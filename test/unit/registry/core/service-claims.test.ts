import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Service } from '../../../../shared/apis/core/v1/types.ts';
import type { IPAddress } from '../../../../shared/apis/networking/v1/types.ts';
import { SDKStorageFactory } from '../../../../shared/storage/dynamodb/sdk-storage-factory.ts';
import { causesOf, refusalOf, TestClient } from '../../../fixtures/api-client.ts';
import { startTestServer, type TestServer } from '../../../fixtures/api-server.ts';
import { newTestTable } from '../../../fixtures/storage.ts';

/** Two servers on one table, each with its own state, as in separate processes. */
const servers: TestServer[] = [];
const factories: SDKStorageFactory[] = [];

beforeAll(async () => {
  const table = await newTestTable();
  for (let index = 0; index < 2; index++) {
    const storageFactory = new SDKStorageFactory(table);
    factories.push(storageFactory);
    servers.push(
      await startTestServer(
        { serviceClusterIPRange: '10.3.0.0/28', serviceNodePortRange: { from: 30000, to: 30013 } },
        { storage: storageFactory },
      ),
    );
  }
});
afterAll(async () => {
  for (const server of servers) await server.close();
  for (const factory of factories) await factory.close();
});

const clients = [0, 1].map((index) => new TestClient(() => servers[index]!));
const SERVICES = '/api/v1/namespaces/default/services';
const ADDRESSES = '/apis/networking.k8s.io/v1/ipaddresses';

const create = (client: TestClient, name: string, spec: object = {}) =>
  client.create<Service>(SERVICES, {
    kind: 'Service',
    apiVersion: 'v1',
    metadata: { name },
    spec: { type: 'NodePort', ports: [{ port: 80 }], ...spec },
  });

test('the last addresses and ports go to one service each, through any server', async () => {
  // The API's own service has one of the 14 addresses.
  const names = Array.from({ length: 13 }, (_, index) => `s-${index}`);
  const answers = await Promise.all(names.map((name, index) => create(clients[index % 2]!, name)));
  expect(answers.map(refusalOf)).toEqual(names.map(() => '201'));
  const specs = answers.map(({ object }) => object.spec);
  expect(new Set(specs.map(({ clusterIP }) => clusterIP)).size).toBe(13);
  expect(new Set(specs.map(({ ports }) => ports![0]!.nodePort)).size).toBe(13);
  expect(refusalOf(await create(clients[0]!, 'one-too-many'))).toBe(
    '500 InternalError: Internal error occurred: failed to allocate a serviceIP for Service "one-too-many": range is full',
  );
  const [first] = specs;
  await clients[0]!.delete(`${SERVICES}/s-0`);
  expect((await create(clients[1]!, 'heir')).object.spec).toMatchObject({
    clusterIP: first!.clusterIP,
  });
});

test('one of two concurrent requests for an address succeeds', async () => {
  const { object } = await clients[0]!.get<Service>(`${SERVICES}/heir`);
  const { clusterIP } = object.spec;
  await clients[0]!.delete(`${SERVICES}/heir`);
  const answers = await Promise.all(
    clients.flatMap((client, index) =>
      ['a', 'b'].map((name) => create(client, `want-${name}-${index}`, { clusterIP })),
    ),
  );
  const refused = answers.filter(({ status }) => status !== 201);
  expect(refused.map(causesOf)).toEqual(
    [1, 2, 3].map(() => [
      `spec.clusterIPs: Invalid value: ["${clusterIP}"]: failed to allocate IP ${clusterIP}: provided IP is already allocated`,
    ]),
  );
});

test('addresses of services that were never created are reclaimed', async () => {
  const [client] = clients;
  const { object } = await client!.get<Service>(`${SERVICES}/s-1`);
  const { clusterIP } = object.spec;
  const { object: address } = await client!.get<IPAddress>(`${ADDRESSES}/${clusterIP}`);
  await client!.delete(`${SERVICES}/s-1`);
  const storage = factories[0]!.storageFor<IPAddress>({
    resourcePrefix: '/registry/networking.k8s.io/ipaddresses',
    codec: undefined as never,
    attributes: () => ({ labels: {}, fields: {}, uid: '', namespace: '' }),
  });
  const orphan = (seconds: number): IPAddress => {
    const { resourceVersion: _, ...metadata } = address.metadata;
    const creationTimestamp = new Date(Date.now() - seconds * 1000).toISOString();
    return { ...address, metadata: { ...metadata, creationTimestamp } };
  };
  await storage.create(clusterIP!, orphan(10));
  expect((await create(client!, 'too-early', { clusterIP })).status).toBe(422);
  await storage.delete(clusterIP!);
  await storage.create(clusterIP!, orphan(100));
  expect((await create(client!, 'any')).object.spec).toMatchObject({ clusterIP });
  await client!.delete(`${SERVICES}/any`);
  await storage.create(clusterIP!, orphan(100));
  expect((await create(client!, 'asked', { clusterIP })).object.spec).toMatchObject({ clusterIP });
});

test('a manually created address is not allocated', async () => {
  const [client] = clients;
  const { object } = await client!.get<Service>(`${SERVICES}/s-2`);
  const { clusterIP } = object.spec;
  await client!.delete(`${SERVICES}/s-2`);
  const spec = { parentRef: { group: 'example.com', resource: 'gateways', name: 'x' } };
  const created = await client!.create(ADDRESSES, {
    kind: 'IPAddress',
    apiVersion: 'networking.k8s.io/v1',
    metadata: { name: clusterIP },
    spec,
  });
  expect(created.status).toBe(201);
  expect((await create(client!, 'late', { clusterIP })).status).toBe(422);
});
