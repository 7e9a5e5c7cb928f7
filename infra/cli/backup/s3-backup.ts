/**
 * A backup as objects of S3: a file for each resource, which is itself a backup of that resource, and `backup.json`,
 * which lists them and is written last. `begun.json` is written first: it allows an interrupted backup to be resumed.
 */

import { isDeepStrictEqual } from 'node:util';
import { BackupError, type BackupRecord } from '../../../shared/backup/backup-records.ts';
import {
  type BackupOptions,
  backupHeader,
  resourceRecords,
  resourcesToTake,
} from '../../../shared/backup/create-backup.ts';
import type { Store, StoredResource } from '../../../shared/backup/stored-resources.ts';
import { formatGroupResource } from '../../../shared/runtime/group-version.ts';
import type { S3Entry, S3Folder } from './s3-folder.ts';
import { openBackup, sealBackup } from './sealed-backup.ts';

/** Content of `begun.json`: properties common to all files of a backup. */
interface Begun {
  readonly begunAt: string;
  readonly source: string;
  readonly events: boolean;
  readonly recipients: readonly string[];
}

/** Content of `backup.json`. */
interface Finished extends Begun {
  /** In the order in which to restore them. */
  readonly files: readonly S3Entry[];
}

const BEGUN = 'begun.json';
const FINISHED = 'backup.json';
const FILE = /\.backup$/;
/** An interrupted backup can be resumed for this long, so that its objects are of about the same time. */
const RESUME_MS = 24 * 3600_000;

export interface S3BackupOptions extends BackupOptions {
  readonly recipients: readonly string[];
  /** Called with messages for the operator. */
  readonly say: (text: string) => void;
}

/**
 * Can be interrupted and run again: resources that are complete are skipped. Throws Error if there is a different
 * backup.
 */
export async function backupToS3(folder: S3Folder, store: Store, options: S3BackupOptions): Promise<void> {
  const there = new Map((await folder.list()).map((entry) => [entry.name, entry]));
  const begun = await begin(folder, there, options);
  const done = [...there.keys()].filter((name) => FILE.test(name)).length;
  if (done > 0) options.say(`resuming the backup of ${begun.begunAt}: ${done} resources are complete`);
  const names: string[] = [];
  for (const resource of await resourcesToTake(store, options)) {
    const name = `${formatGroupResource(resource)}.backup`;
    const isThere = there.has(name) || (await take(folder, name, store, resource, options));
    if (isThere) names.push(name);
  }
  const written = new Map((await folder.list()).map((entry) => [entry.name, entry]));
  const files = names.map((name) => {
    const entry = written.get(name);
    if (entry === undefined) throw new Error(`${folder.url}/${name} was deleted meanwhile: run this again`);
    return entry;
  });
  await folder.put(FINISHED, json({ ...begun, files } satisfies Finished));
  const seal = options.recipients.length > 0 ? 'encrypted' : 'not encrypted';
  options.say(`${files.length} resources are in the backup, ${seal}`);
}

/** Throws Error if the folder has something else than the beginning of this backup. */
async function begin(
  folder: S3Folder,
  there: ReadonlyMap<string, S3Entry>,
  { source, events = false, recipients, now }: S3BackupOptions,
): Promise<Begun> {
  const elsewhere = 'choose another prefix';
  const asked: Begun = { begunAt: new Date(now).toISOString(), source, events, recipients };
  if (there.size === 0) {
    await folder.put(BEGUN, json(asked));
    return asked;
  }
  if (there.has(FINISHED)) throw new Error(`${folder.url} already has a backup: ${elsewhere}`);
  const text = await folder.text(BEGUN);
  if (text === undefined) throw new Error(`${folder.url} has something other than a backup: ${elsewhere}`);
  const begun = parse<Begun>(folder, BEGUN, text);
  if (!isDeepStrictEqual({ ...begun, begunAt: asked.begunAt }, asked)) {
    throw new Error(
      `${folder.url} has an unfinished backup of ${begun.source} with other options: ${elsewhere}`,
    );
  }
  if (now - Date.parse(begun.begunAt) > RESUME_MS) {
    throw new Error(
      `${folder.url} has an unfinished backup that was started more than a day ago: ${elsewhere}`,
    );
  }
  return begun;
}

/** False: the resource has no objects. */
async function take(
  folder: S3Folder,
  name: string,
  store: Store,
  resource: StoredResource,
  options: S3BackupOptions,
): Promise<boolean> {
  const records = resourceRecords(store, resource, options);
  const { done, value: first } = await records.next();
  if (done) return false;
  const all = async function* (): AsyncGenerator<BackupRecord> {
    yield backupHeader(options);
    yield first;
    yield* records;
  };
  await folder.put(name, await sealBackup(all(), options.recipients));
  return true;
}

/** Throws BackupError for a backup that is missing, incomplete, or has changed. */
export async function* recordsFromS3(
  folder: S3Folder,
  identity: string | undefined,
): AsyncGenerator<BackupRecord> {
  const text = await folder.text(FINISHED);
  if (text === undefined) {
    const isBegun = (await folder.text(BEGUN)) !== undefined;
    throw new BackupError(
      isBegun
        ? `the backup in ${folder.url} is not finished: rerun the command that started it`
        : `there is no backup in ${folder.url}`,
    );
  }
  for (const entry of parse<Finished>(folder, FINISHED, text).files) {
    try {
      yield* openBackup(folder.bytes(entry), identity);
    } catch (error) {
      if (!(error instanceof BackupError)) throw error;
      throw new BackupError(`${folder.url}/${entry.name}: ${error.message}`);
    }
  }
}

const json = (value: Begun | Finished): string => `${JSON.stringify(value, undefined, 2)}\n`;

function parse<T>(folder: S3Folder, name: string, text: string): T {
  try {
    return JSON.parse(text) as T;
  } catch {
    throw new BackupError(`${folder.url}/${name} is damaged: it is not JSON`);
  }
}
