/** `zeroplane import`: the objects of any cluster, from its API or a snapshot of its etcd. */

import { createWriteStream, mkdirSync } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { type BackupRecord, writeRecords } from '../../../shared/backup/backup-records.ts';
import {
  type ForeignResource,
  foreignRecords,
  type KnownResources,
} from '../../../shared/backup/foreign-records.ts';
import { ReasonCounts, type Skipped } from '../../../shared/backup/reason-counts.ts';
import { restoreBackup } from '../../../shared/backup/restore-backup.ts';
import type { CodecFactory } from '../../../shared/runtime/serializer/codec-factory.ts';
import { connectCluster } from '../cluster.ts';
import { encryptionOf, openTenantStore, type TenantStoreOptions } from '../tenant-store.ts';
import { clusterResources } from './cluster-source.ts';
import { checkSnapshot } from './etcd/snapshot.ts';
import { snapshotResources } from './etcd/snapshot-source.ts';
import { fileResources } from './file-source.ts';
import { knownResources } from './known-resources.ts';

export interface ImportOptions extends TenantStoreOptions {
  readonly kubeconfig?: string | undefined;
  readonly context?: string | undefined;
  readonly kubectl?: string | undefined;
  readonly etcdSnapshot?: string | undefined;
  /** Folder of files, or one file, as written by `zeroplane export`. */
  readonly files?: string | undefined;
  readonly etcdPrefix: string;
  /** The encryption configuration of the etcd snapshot. */
  readonly sourceEncryptionProviderConfig?: string | undefined;
  /** File to write a backup to, in place of a control plane's store. */
  readonly output?: string | undefined;
  /** Deletes objects that the source doesn't have, of resources that it has. */
  readonly deleteOthers?: boolean | undefined;
}

/** Prints the imported and skipped objects, with reasons. */
export async function importCluster(options: ImportOptions): Promise<void> {
  const sources = [options.kubeconfig, options.etcdSnapshot, options.files];
  if (sources.filter((source) => source !== undefined).length !== 1) {
    throw new Error('name one source: --kubeconfig, --etcd-snapshot or --files');
  }
  if (options.deleteOthers && (options.files ?? options.output) !== undefined) {
    throw new Error('--delete-others is only for imports from a cluster or a snapshot into a control plane');
  }
  const left = new ReasonCounts();
  const skipped = left.add;
  const known = await knownResources();
  let taken = 0;
  let others: string | undefined;
  await withSource(options, known, skipped, async (source, resources) => {
    const records = foreignRecords(known, resources, { source, skipped, now: Date.now() });
    const counted = async function* (): AsyncGenerator<BackupRecord> {
      for await (const record of records) {
        if ('key' in record) taken++;
        yield record;
      }
    };
    if (options.output === undefined) others = await intoStore(options, counted());
    else await intoFile(options.output, counted());
  });
  console.error([`${taken} objects imported`, others].filter(Boolean).join(', '));
  const text = left.text('left behind');
  if (text !== undefined) console.error(text);
  if (taken === 0) {
    const { etcdSnapshot, etcdPrefix } = options;
    throw new Error(
      `there was nothing to import${etcdSnapshot === undefined ? '' : `: is --etcd-prefix=${etcdPrefix} that kube-apiserver's?`}`,
    );
  }
}

type Use = (source: string, resources: AsyncIterable<ForeignResource>) => Promise<void>;

async function withSource(
  options: ImportOptions,
  { codecs, scheme }: KnownResources & { readonly codecs: CodecFactory },
  skipped: Skipped,
  use: Use,
): Promise<void> {
  const { kubeconfig, context, kubectl, etcdSnapshot: path, etcdPrefix: prefix, files } = options;
  if (kubeconfig !== undefined) {
    const cluster = await connectCluster({ kubeconfig, context, kubectl });
    try {
      await use(kubeconfig, clusterResources(cluster, skipped));
    } finally {
      await cluster.close();
    }
    return;
  }
  if (files !== undefined) {
    await use(files, fileResources({ path: files, codecs, scheme, now: Date.now() }, skipped));
    return;
  }
  await checkSnapshot(path!);
  const transformerFor = await encryptionOf(options.sourceEncryptionProviderConfig);
  await use(path!, snapshotResources({ path: path!, prefix, codecs, transformerFor }, skipped));
}

/**
 * Returns a message on objects that the source doesn't have; undefined: there were none, or they were not looked for.
 */
async function intoStore(
  options: ImportOptions,
  records: AsyncIterable<BackupRecord>,
): Promise<string | undefined> {
  if (options.dataDir !== undefined) mkdirSync(options.dataDir, { recursive: true, mode: 0o700 });
  const store = await openTenantStore(options, { create: true });
  try {
    const others = options.deleteOthers ? 'delete' : 'keep';
    // Files may cover only some namespaces, or some resources.
    const report = await restoreBackup(store, records, {
      others: options.files === undefined ? others : 'unseen',
    });
    if (report.deleted > 0) return `${report.deleted} others deleted`;
    return report.kept > 0 ? `${report.kept} others kept (--delete-others deletes them)` : undefined;
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
