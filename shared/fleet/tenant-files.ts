/**
 * The configuration files of one tenant: those of its spec, and those of the Secret that the spec names. They are one
 * row of the tenant, sealed like its keys and named by a digest, which its directory entry repeats.
 */

import { createHash } from 'node:crypto';
import type { TenantFiles } from './tenant-configuration.ts';
import type { TenantKeyRows } from './tenant-key-rows.ts';

const FOLDER = 'files';
/** Bytes as JSON, well below the size of a DynamoDB item. */
export const MAX_FILES_BYTES = 256 * 1024;

/** Undefined if there are no files. */
export function digestOf(files: TenantFiles): string | undefined {
  const isEmpty = Object.keys({ ...files.configurations, ...files.texts }).length === 0;
  return isEmpty ? undefined : createHash('sha256').update(JSON.stringify(files)).digest('hex').slice(0, 32);
}

/** Rejects with an Error if the row is missing. */
export async function readTenantFiles(rows: TenantKeyRows, digest: string): Promise<TenantFiles> {
  const text = await rows.get(`${FOLDER}/${digest}`);
  if (text === undefined) throw new Error(`the configuration files ${digest} are missing`);
  return JSON.parse(text) as TenantFiles;
}

/**
 * Stores the files. `former`: the digest in the directory, which other processes may still load; once it is that of the
 * files, those before it stay until the next change.
 */
export async function keepTenantFiles(
  rows: TenantKeyRows,
  files: TenantFiles,
  former: string | undefined,
): Promise<void> {
  const digest = digestOf(files);
  const stored = await rows.names(FOLDER);
  if (digest !== undefined && !stored.includes(digest)) {
    await rows.create(`${FOLDER}/${digest}`, JSON.stringify(files));
  }
  if (digest === former) return;
  for (const name of stored) {
    if (name !== digest && name !== former) await rows.remove(`${FOLDER}/${name}`);
  }
}
