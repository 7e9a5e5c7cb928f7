/** `zeroplane backup` and `zeroplane restore`: a control plane's objects in a file, or in S3. */

import { createReadStream, createWriteStream, mkdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { BackupError, type BackupRecord } from '../../../shared/backup/backup-records.ts';
import { createBackup } from '../../../shared/backup/create-backup.ts';
import { type RestoreScope, restoreBackup } from '../../../shared/backup/restore-backup.ts';
import { ScopeCheck } from '../../../shared/backup/scope.ts';
import {
  type OpenOptions,
  openTenantStore,
  type TenantStore,
  type TenantStoreOptions,
} from '../tenant-store.ts';
import { backupToS3, recordsFromS3 } from './s3-backup.ts';
import { isS3URL, S3Folder } from './s3-folder.ts';
import { openBackup, sealBackup } from './sealed-backup.ts';

export interface BackupCommandOptions extends TenantStoreOptions {
  /** File to write, `-` for standard output, or `s3://bucket/prefix`. */
  readonly output: string;
  readonly events?: boolean | undefined;
  /** age recipients (`age1...`) who can read the backup; none: it is not encrypted. */
  readonly recipient?: readonly string[] | undefined;
}

/**
 * Writes a file under a temporary name and renames it at the end, so a file with the final name is complete. Only its
 * owner can read it. Reports on standard error what was backed up.
 */
export async function backup(options: BackupCommandOptions): Promise<void> {
  const { output, region, tenant: source, events, recipient: recipients = [] } = options;
  const folder = isS3URL(output) ? await S3Folder.open(output, region) : undefined;
  const asked = { source, events, now: Date.now() };
  try {
    await withStore(options, {}, async (store) => {
      if (folder !== undefined) {
        await backupToS3(folder, store, { ...asked, recipients, say: (text) => console.error(text) });
        return;
      }
      const counts = { objects: 0, resources: 0 };
      const bytes = await sealBackup(counted(createBackup(store, asked), counts), recipients);
      if (output === '-') await pipeline(bytes, process.stdout);
      else await intoFile(output, bytes);
      const seal = recipients.length > 0 ? 'encrypted' : 'not encrypted';
      console.error(`${counts.objects} objects of ${counts.resources} resources are in the backup, ${seal}`);
    });
  } finally {
    folder?.close();
  }
}

async function* counted(
  records: AsyncIterable<BackupRecord>,
  counts: { objects: number; resources: number },
): AsyncGenerator<BackupRecord> {
  for await (const record of records) {
    if ('key' in record) counts.objects++;
    else if ('resourceVersion' in record) counts.resources++;
    yield record;
  }
}

async function withStore<T>(
  options: TenantStoreOptions,
  open: OpenOptions,
  use: (store: TenantStore) => Promise<T>,
): Promise<T> {
  const store = await openTenantStore(options, open);
  try {
    return await use(store);
  } finally {
    await store.close();
  }
}

async function intoFile(output: string, bytes: NodeJS.ReadableStream): Promise<void> {
  const part = `${output}.part`;
  try {
    await pipeline(bytes, createWriteStream(part, { mode: 0o600 }));
    renameSync(part, output);
  } catch (error) {
    // Report the name that the user gave.
    const { path, code } = error as NodeJS.ErrnoException;
    throw path === part && code !== undefined ? Object.assign(error as Error, { path: output }) : error;
  } finally {
    rmSync(part, { force: true });
  }
}

export interface RestoreCommandOptions extends TenantStoreOptions {
  /** File, or `s3://bucket/prefix`. */
  readonly input: string;
  /** File with age identities (`AGE-SECRET-KEY-...`), as written by age-keygen. */
  readonly identity?: string | undefined;
  readonly resource?: readonly string[] | undefined;
  readonly namespace?: readonly string[] | undefined;
}

/** Reads the whole backup once before it writes anything. Returns a message for the user. */
export async function restore(options: RestoreCommandOptions): Promise<string> {
  const { input, identity, region } = options;
  const folder = isS3URL(input) ? await S3Folder.open(input, region) : undefined;
  if (folder === undefined && !statSync(input, { throwIfNoEntry: false })?.isFile()) {
    throw new Error(`there is no file ${input}`);
  }
  const records = (): AsyncGenerator<BackupRecord> =>
    folder === undefined ? openBackup(createReadStream(input), identity) : recordsFromS3(folder, identity);
  try {
    const scope: RestoreScope = { resources: options.resource, namespaces: options.namespace };
    const objects = await checkBackup(records(), scope);
    if (options.dataDir !== undefined) mkdirSync(options.dataDir, { recursive: true, mode: 0o700 });
    return await withStore(options, { create: true }, async (store) => {
      const { written, unchanged, deleted } = await restoreBackup(store, records(), scope);
      return `${objects} objects in the backup: ${written} written, ${unchanged} unchanged, ${deleted} others deleted`;
    });
  } finally {
    folder?.close();
  }
}

/**
 * Reads all records. Returns the number of objects; throws BackupError for an unusable backup, and if it lacks a
 * requested name.
 */
async function checkBackup(records: AsyncIterable<BackupRecord>, scope: RestoreScope): Promise<number> {
  const check = new ScopeCheck(scope);
  let objects = 0;
  for await (const record of records) {
    check.see(record);
    if ('key' in record) objects++;
  }
  const missing = check.missing();
  if (missing.length > 0) throw new BackupError(`the backup has no ${missing.join(', no ')}`);
  return objects;
}
