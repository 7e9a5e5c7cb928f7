/** `zeroplane import`: the objects of any cluster, from its API or a snapshot of its etcd. */

import { createWriteStream, mkdirSync } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { builtinDefaultTables } from '../../shared/apis/default-tables.ts';
import { type BackupRecord, writeRecords } from '../../shared/backup/backup-records.ts';
import {
  type ForeignResource,
  foreignRecords,
  type KnownResources,
  type Skipped,
} from '../../shared/backup/foreign-records.ts';
import { restoreBackup } from '../../shared/backup/restore-backup.ts';
import { Defaulter } from '../../shared/runtime/defaulting.ts';
import { CodecFactory } from '../../shared/runtime/serializer/codec-factory.ts';
import { schemeKinds } from '../../shared/runtime/serializer/scheme-kinds.ts';
import { newScheme } from '../../shared/server/builtin-scheme.ts';
import { createServer } from '../../shared/server/create-server.ts';
import { SDKStorageFactory } from '../../shared/storage/dynamodb/sdk-storage-factory.ts';
import type { StorageConfig } from '../../shared/storage/storage.ts';
import { wrapStorages } from '../../shared/storage/wrap-storages.ts';
import { newLogger } from '../../shared/util/logger.ts';
import { connectCluster } from './cluster.ts';
import { clusterResources } from './cluster-source.ts';
import { checkSnapshot } from './etcd/snapshot.ts';
import { snapshotResources } from './etcd/snapshot-source.ts';
import { encryptionOf, openTenantStore, type TenantStoreOptions } from './tenant-store.ts';

export interface ImportOptions extends TenantStoreOptions {
  readonly kubeconfig?: string | undefined;
  readonly context?: string | undefined;
  readonly kubectl?: string | undefined;
  readonly etcdSnapshot?: string | undefined;
  readonly etcdPrefix: string;
  /** By which the values of the etcd snapshot are encrypted. */
  readonly sourceEncryptionProviderConfig?: string | undefined;
  /** File to write a backup to, in place of a control plane's store. */
  readonly output?: string | undefined;
}

/** Prints what was taken, and what was left behind, with the reason. */
export async function importCluster(options: ImportOptions): Promise<void> {
  if ((options.kubeconfig === undefined) === (options.etcdSnapshot === undefined)) {
    throw new Error('name one source: --kubeconfig or --etcd-snapshot');
  }
  const left: string[] = [];
  const skipped: Skipped = (resource, count, reason) =>
    left.push(`  ${resource}${count > 0 ? ` (${count})` : ''}: ${reason}`);
  const known = await knownResources();
  let taken = 0;
  await withSource(options, known, skipped, async (source, resources) => {
    const records = foreignRecords(known, resources, { source, skipped, now: Date.now() });
    const counted = async function* (): AsyncGenerator<BackupRecord> {
      for await (const record of records) {
        if ('key' in record) taken++;
        yield record;
      }
    };
    await (options.output === undefined
      ? intoStore(options, counted())
      : intoFile(options.output, counted()));
  });
  console.error(`${taken} objects taken`);
  if (left.length > 0) console.error(`left behind:\n${left.join('\n')}`);
}

type Use = (source: string, resources: AsyncIterable<ForeignResource>) => Promise<void>;

async function withSource(
  options: ImportOptions,
  { codecs }: { readonly codecs: CodecFactory },
  skipped: Skipped,
  use: Use,
): Promise<void> {
  const { kubeconfig, context, kubectl, etcdSnapshot: path, etcdPrefix: prefix } = options;
  if (kubeconfig !== undefined) {
    const cluster = await connectCluster({ kubeconfig, context, kubectl });
    try {
      await use(kubeconfig, clusterResources(cluster, skipped));
    } finally {
      await cluster.close();
    }
    return;
  }
  await checkSnapshot(path!);
  const transformerFor = await encryptionOf(options.sourceEncryptionProviderConfig);
  await use(path!, snapshotResources({ path: path!, prefix, codecs, transformerFor }, skipped));
}

async function intoStore(options: ImportOptions, records: AsyncIterable<BackupRecord>): Promise<void> {
  if (options.dataDir !== undefined) mkdirSync(options.dataDir, { recursive: true, mode: 0o700 });
  const store = await openTenantStore(options, { create: true });
  try {
    await restoreBackup(store, records);
  } finally {
    await store.close();
  }
}

async function intoFile(output: string, records: AsyncIterable<BackupRecord>): Promise<void> {
  await pipeline(
    Readable.from(writeRecords(records)),
    createGzip(),
    createWriteStream(output, { mode: 0o600 }),
  );
}

/** A server is put together, and asked how it would store what it serves; it never runs. */
async function knownResources(): Promise<KnownResources & { readonly codecs: CodecFactory }> {
  const configs = new Map<string, StorageConfig<never>>();
  const nowhere = new SDKStorageFactory({ tableName: 'none', endpoint: 'http://127.0.0.1:9' });
  const storageFactory = wrapStorages(nowhere, (config) => {
    configs.set(config.resourcePrefix, config as unknown as StorageConfig<never>);
    return nowhere.storageFor(config);
  });
  const server = await createServer(
    { runtimeConfig: new Map([['api/all', 'true']]) },
    { storageFactory, logger: newLogger(() => undefined) },
  );
  await server.close();
  await nowhere.close();
  const scheme = newScheme();
  const codecs = new CodecFactory(schemeKinds(scheme), [
    'application/json',
    'application/vnd.kubernetes.protobuf',
  ]);
  return { scheme, codecs, defaulter: new Defaulter(scheme, builtinDefaultTables()), configs };
}
