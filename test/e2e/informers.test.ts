import { execFile } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import {
  CoreV1Api,
  type Informer,
  KubeConfig,
  makeInformer,
  type ObjectCache,
  type V1ConfigMap,
} from 'client-node-v1';
import { expect, test } from 'vitest';
import { startLocalServer } from '../fixtures/local-server.ts';

const execute = promisify(execFile);
const writer = resolve(import.meta.dirname, '../fixtures/writer-process.mjs');

type ConfigMapInformer = Informer<V1ConfigMap> & ObjectCache<V1ConfigMap>;

function clientOf(kubeconfig: string) {
  const config = new KubeConfig();
  config.loadFromFile(kubeconfig);
  return { config, api: config.makeApiClient(CoreV1Api) };
}

/** Restarts after errors, as its documentation recommends. */
function informerOf(kubeconfig: string, namespace: string): ConfigMapInformer {
  const { config, api } = clientOf(kubeconfig);
  const informer = makeInformer(config, `/api/v1/namespaces/${namespace}/configmaps`, () =>
    api.listNamespacedConfigMap({ namespace }),
  ) as ConfigMapInformer;
  informer.on('error', () => setTimeout(() => void informer.start().catch(() => undefined), 200));
  return informer;
}

/** name -> resourceVersion */
const stateOf = (objects: readonly V1ConfigMap[]) =>
  Object.fromEntries(
    objects
      .map(({ metadata }) => [metadata!.name!, metadata!.resourceVersion!])
      .sort(([a], [b]) => (a! < b! ? -1 : 1)),
  );

test('two informers and four writers in separate processes agree at the end', async () => {
  const server = await startLocalServer();
  try {
    const namespace = 'default';
    const informers = [informerOf(server.kubeconfig, namespace), informerOf(server.kubeconfig, namespace)];
    for (const informer of informers) await informer.start();
    const writes = await Promise.all(
      Array.from({ length: 4 }, (_, i) =>
        execute(process.execPath, [writer, server.kubeconfig, namespace, String(i), '2000']),
      ),
    );
    const acknowledged = writes.reduce((sum, { stdout }) => sum + Number(stdout), 0);
    expect(acknowledged).toBeGreaterThan(4);
    const { items } = await clientOf(server.kubeconfig).api.listNamespacedConfigMap({ namespace });
    const expected = stateOf(items);
    for (const informer of informers) {
      await expect.poll(() => stateOf(informer.list()), { timeout: 10_000 }).toEqual(expected);
      await informer.stop();
    }
  } finally {
    await server.stop();
  }
}, 60_000);

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await new Promise((listening) => probe.once('listening', listening));
  const { port } = probe.address() as AddressInfo;
  await new Promise((closed) => probe.close(closed));
  return port;
}

test('an informer survives a restart of the server', async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'zeroplane-'));
  const args = [`--secure-port=${await freePort()}`];
  const first = await startLocalServer({ dataDir, args });
  const informer = informerOf(first.kubeconfig, 'default');
  await informer.start();
  const create = (name: string) =>
    clientOf(first.kubeconfig).api.createNamespacedConfigMap({
      namespace: 'default',
      body: { metadata: { name } },
    });
  await create('before');
  const names = () =>
    informer
      .list()
      .map(({ metadata }) => metadata!.name!)
      .filter((name) => name !== 'kube-root-ca.crt')
      .sort();
  await expect.poll(names, { timeout: 10_000 }).toEqual(['before']);
  expect(await first.stop()).toBe(0);
  const second = await startLocalServer({ dataDir, args });
  try {
    await create('after');
    await expect.poll(names, { timeout: 20_000 }).toEqual(['after', 'before']);
  } finally {
    await informer.stop();
    await second.stop();
  }
}, 90_000);
