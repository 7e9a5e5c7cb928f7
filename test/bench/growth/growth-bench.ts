/**
 * Figures that grow with the stored data: start time, memory and response times of a server with many objects and many
 * definitions.
 */

import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { openTenantStore } from '../../../infra/cli/tenant-store.ts';
import type { KubeObject } from '../../../shared/meta/kube-object.ts';
import type { StorageCodec } from '../../../shared/storage/storage.ts';
import { benchDefinition } from '../apiextensions/definitions.ts';
import type { BenchOptions } from '../bench-options.ts';
import { call, inBatches, parsePeer, residentMB, startLocal, type Target } from '../server/bench-server.ts';
import type { LoadRequest } from '../server/load.ts';

interface Size {
  readonly objects: number;
  readonly definitions: number;
}

const SIZES: readonly Size[] = [
  { objects: 1_000, definitions: 0 },
  { objects: 10_000, definitions: 0 },
  { objects: 100_000, definitions: 0 },
  { objects: 300_000, definitions: 0 },
  { objects: 1_000, definitions: 100 },
  { objects: 1_000, definitions: 1_000 },
];
const OBJECT_BYTES = 2_000;
/** Time for memory of a response to be released. */
const IDLE_MS = 20_000;
/** Number of objects that fit into a few concurrent transactions. */
const FILLED_AT_ONCE = 490;
const CONFIG_MAPS = '/api/v1/namespaces/default/configmaps';
const WHY =
  'A list of all objects grows with their number, and so does the memory for it. A page of 500 grows only when there are more objects than memory keeps, because it is then read from the store. The start grows neither with objects, since a resource is read when it is first requested, nor with definitions, since controllers check them afterwards.';

/** With a peer, the same number of objects is created on both servers. */
const HELD_OBJECTS = 100_000;

export async function run({ only, peer: given }: BenchOptions): Promise<string> {
  const rows: string[] = [];
  const peer = given === undefined ? undefined : parsePeer(given);
  for (const size of SIZES) {
    const name = `${size.objects} objects, ${size.definitions} definitions`;
    if (only !== undefined && !name.includes(only)) continue;
    rows.push(
      `| zeroplane | ${size.objects} | ${size.definitions} | ${(await measured(size)).join(' | ')} |`,
    );
    console.error(rows.at(-1));
  }
  if (peer !== undefined && (only === undefined || peer.name.includes(only))) {
    rows.push(`| ${peer.name} | ${HELD_OBJECTS} | 0 | ${(await measuredPeer(peer)).join(' | ')} |`);
    console.error(rows.at(-1));
  }
  const head = [
    'server',
    'objects',
    'definitions',
    'start to ready, ms',
    'memory when ready, MB',
    'first GET, ms',
    'GET, ms',
    'LIST 500 of them, ms',
    'CREATE, ms',
    'LIST all, ms',
    'longest hold of it, ms',
    'memory after it, MB',
    `memory ${IDLE_MS / 1000} s later, MB`,
  ];
  return [
    `ConfigMaps of ${OBJECT_BYTES} bytes, definitions of some 30 KB; the servers keep their data on disk. Medians of sequential requests on one connection. Memory of all processes of a server, including its store.`,
    '',
    `| ${head.join(' | ')} |`,
    `|${' --- |'.repeat(head.length)}`,
    ...rows,
    '',
    WHY,
  ].join('\n');
}

async function measured(size: Size): Promise<string[]> {
  const folder = mkdtempSync(join(tmpdir(), 'zeroplane-growth-'));
  try {
    await fill(folder, size);
    const server = await startLocal(folder, []);
    const figures = await figuresOf(server, size.objects);
    await server.stop();
    return [server.readyMs.toFixed(0), ...figures];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Measurements of an externally started server, whose start time is unknown. */
async function measuredPeer(peer: Target): Promise<string[]> {
  await inBatches(HELD_OBJECTS, (i) =>
    call(peer, { method: 'POST', path: CONFIG_MAPS, body: JSON.stringify(configMap(nameOf(i))) }, 409),
  );
  return ['', ...(await figuresOf(peer, HELD_OBJECTS))];
}

async function figuresOf(server: Target, objects: number): Promise<string[]> {
  const heldMB = () => (server.pids().length === 0 ? '' : residentMB(server.pids()).toFixed(0));
  const readyMB = heldMB();
  const get = (n: number): LoadRequest => ({
    method: 'GET',
    path: `${CONFIG_MAPS}/${nameOf((n * 7919) % objects)}`,
  });
  const list: LoadRequest = { method: 'GET', path: `${CONFIG_MAPS}?limit=500` };
  const create = (n: number): LoadRequest => ({
    method: 'POST',
    path: CONFIG_MAPS,
    body: JSON.stringify(configMap(`new-${n}`)),
  });
  const firstGet = await timed(server, get(1));
  const gets = await median(200, (n) => timed(server, get(n)));
  const lists = await median(20, () => timed(server, list));
  const creates = await median(100, (n) => timed(server, create(n)));
  await server.longestHoldMs?.();
  const all = await timed(server, { method: 'GET', path: CONFIG_MAPS });
  const held = await server.longestHoldMs?.();
  const afterMB = heldMB();
  await sleep(IDLE_MS);
  return [
    readyMB,
    firstGet.toFixed(1),
    gets.toFixed(1),
    lists.toFixed(1),
    creates.toFixed(1),
    all.toFixed(0),
    held?.toFixed(0) ?? '',
    afterMB,
    heldMB(),
  ];
}

async function timed(server: Target, request: LoadRequest): Promise<number> {
  const startedAt = performance.now();
  await call(server, request);
  return performance.now() - startedAt;
}

async function median(count: number, time: (n: number) => Promise<number>): Promise<number> {
  const times: number[] = [];
  for (let n = 0; n < count; n++) times.push(await time(n));
  return times.sort((a, b) => a - b)[Math.floor(count / 2)]!;
}

const nameOf = (n: number) => `cm-${String(n).padStart(7, '0')}`;

function configMap(name: string) {
  return {
    kind: 'ConfigMap',
    apiVersion: 'v1',
    metadata: { name, namespace: 'default' },
    data: { key: 'x'.repeat(OBJECT_BYTES) },
  };
}

/** Definitions are created through the API, because they must be served; objects bypass it, because there are many. */
async function fill(folder: string, { objects, definitions }: Size): Promise<void> {
  const server = await startLocal(folder, []);
  await inBatches(definitions, (i) =>
    call(server, {
      method: 'POST',
      path: '/apis/apiextensions.k8s.io/v1/customresourcedefinitions',
      body: JSON.stringify(benchDefinition(`Kind${i}`)),
    }),
  );
  await server.stop();
  const store = await openTenantStore({ tenant: 'default', dataDir: folder });
  const storage = store.factory.storageFor<KubeObject>({
    resourcePrefix: '/registry/core/configmaps',
    codec: jsonCodec,
    attributes: () => ({ labels: {}, fields: {}, uid: '', namespace: '' }),
  });
  const creationTimestamp = new Date().toISOString().replace(/\.\d+Z$/, 'Z');
  for (let i = 0; i < objects; i += FILLED_AT_ONCE) {
    await Promise.all(
      Array.from({ length: Math.min(FILLED_AT_ONCE, objects - i) }, (_, k) => {
        const object = configMap(nameOf(i + k));
        const metadata = { ...object.metadata, uid: randomUUID(), creationTimestamp };
        return storage.create(`default/${metadata.name}`, { ...object, metadata } as KubeObject);
      }),
    );
  }
  await store.close();
}

/** The format in which the server stores objects that have a single version. */
const jsonCodec: StorageCodec<KubeObject> = {
  encode: ({ kind, apiVersion, metadata, ...rest }, resourceVersion) => {
    const { resourceVersion: _, ...others } = metadata;
    const versioned = { resourceVersion: String(resourceVersion), ...others };
    return Buffer.from(JSON.stringify({ kind, apiVersion, metadata: versioned, ...rest }));
  },
  decode: (bytes) => JSON.parse(Buffer.from(bytes).toString()) as KubeObject,
  rewriteResourceVersion: (bytes, resourceVersion) => {
    const object = JSON.parse(Buffer.from(bytes).toString()) as KubeObject;
    return jsonCodec.encode(object, resourceVersion);
  },
};
