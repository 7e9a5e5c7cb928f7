/** The common setup of the storage benchmarks: an emulator, a table, objects of a given size. */

import { startDynamoDBServer } from '../../../infra/emulator/dynamodb-server.ts';
import type { StorageTuning } from '../../../shared/storage/dynamodb/dynamodb-storage-factory.ts';
import type { SDKDynamoDBTableOptions } from '../../../shared/storage/dynamodb/sdk-dynamodb-table.ts';
import { SDKStorageFactory } from '../../../shared/storage/dynamodb/sdk-storage-factory.ts';
import type { StorageConfig } from '../../../shared/storage/storage.ts';

export interface Thing {
  metadata: { name: string; resourceVersion?: string };
  data: string;
}

export interface Bench {
  readonly place: { endpoint: string; tableName: string };
  newFactory(options?: StorageTuning & Partial<SDKDynamoDBTableOptions>): SDKStorageFactory;
  close(): Promise<void>;
}

export async function openBench(): Promise<Bench> {
  const emulator = await startDynamoDBServer();
  const place = { endpoint: emulator.endpoint, tableName: 'bench' };
  const factories: SDKStorageFactory[] = [];
  const newFactory: Bench['newFactory'] = (options = {}) => {
    const factory = new SDKStorageFactory({ ...place, ...options });
    factories.push(factory);
    return factory;
  };
  await newFactory().createTable();
  return {
    place,
    newFactory,
    close: async () => {
      await Promise.all(factories.map((factory) => factory.close()));
      await emulator.stop();
    },
  };
}

export function things(name: string): StorageConfig<Thing> {
  return {
    resourcePrefix: `/registry/bench/${name}`,
    codec: {
      encode,
      decode: (bytes) => JSON.parse(Buffer.from(bytes).toString()) as Thing,
      rewriteResourceVersion: (bytes, revision) =>
        encode(JSON.parse(Buffer.from(bytes).toString()) as Thing, revision),
    },
    attributes: () => ({ labels: {}, fields: {}, uid: '', namespace: '' }),
  };
}

/** An object of about `bytes`, whose text is as compressible as a pod's. */
export function thing(name: string, bytes: number): Thing {
  const words = Array.from(
    { length: Math.ceil(bytes / 16) },
    (_, n) => `"field${(n * 7919) % 997}":${n % 13},`,
  );
  return { metadata: { name }, data: words.join('').slice(0, bytes) };
}

function encode({ metadata, data }: Thing, revision: number): Uint8Array {
  return Buffer.from(
    JSON.stringify({ metadata: { name: metadata.name, resourceVersion: String(revision) }, data }),
  );
}

export function markdownTable(
  head: readonly string[],
  rows: readonly (readonly (string | number)[])[],
): string {
  const line = (cells: readonly (string | number)[]) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

export async function elapsedMs(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

export function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!;
}
