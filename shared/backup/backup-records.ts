/**
 * The text format of a backup: one JSON value per line. A header, then each resource with its objects, then the end,
 * with their number and digest: a text without the end is incomplete.
 */

import { createHash } from 'node:crypto';
import type { UnstructuredObject } from '../meta/kube-object.ts';
import { parseJSON, stringifyJSON } from '../util/exact-json.ts';

export const BACKUP_FORMAT = 1;

interface BackupHeader {
  readonly backup: number;
  /** RFC 3339. */
  readonly createdAt: string;
  /** What was backed up, for people. */
  readonly source: string;
}

/** Followed by its objects. */
export interface ResourceRecord {
  /** Storage prefix. */
  readonly prefix: string;
  readonly group: string;
  readonly resource: string;
  /** The revision of the snapshot of all its objects. */
  readonly resourceVersion: number;
  readonly objects: number;
}

export interface ObjectRecord {
  /** Key within the resource: `namespace/name`, or `name`. */
  readonly key: string;
  /** As stored: kind, apiVersion, metadata with uid, times and managedFields, and the rest. */
  readonly object: UnstructuredObject;
}

interface BackupEnd {
  readonly end: true;
  readonly resources: number;
  readonly objects: number;
  /** SHA-256 of all previous lines, in hex. */
  readonly sha256: string;
}

export type BackupRecord = BackupHeader | ResourceRecord | ObjectRecord;

/** A backup that can't be used, with a message for its user. */
export class BackupError extends Error {
  override readonly name = 'BackupError';
}

/** Converts records to lines, including the end. */
export async function* writeRecords(records: AsyncIterable<BackupRecord>): AsyncGenerator<string> {
  const hash = createHash('sha256');
  let resources = 0;
  let objects = 0;
  for await (const record of records) {
    if ('resourceVersion' in record) resources++;
    if ('key' in record) objects++;
    const line = `${stringifyJSON(record)}\n`;
    hash.update(line);
    yield line;
  }
  const end: BackupEnd = { end: true, resources, objects, sha256: hash.digest('hex') };
  yield `${JSON.stringify(end)}\n`;
}

/**
 * Converts lines to records, each as soon as it is read. Throws BackupError for text that is no backup, for a newer
 * format, and, at its end, for a truncated or modified backup: nothing may be used before all records have been read
 * once (`checkBackup`).
 */
export async function* readRecords(lines: AsyncIterable<string>): AsyncGenerator<BackupRecord> {
  const hash = createHash('sha256');
  let number = 0;
  let resources = 0;
  let objects = 0;
  let end: BackupEnd | undefined;
  for await (const line of lines) {
    number++;
    if (end !== undefined) throw new BackupError(`line ${number}: unexpected data after the backup's end`);
    const record = parse(line, number);
    if (number === 1) checkHeader(record);
    if ('end' in record) {
      end = record;
      continue;
    }
    if ('resourceVersion' in record) resources++;
    if ('key' in record) objects++;
    hash.update(`${line}\n`);
    yield record;
  }
  if (end === undefined) throw new BackupError('the backup is cut off: its end is missing');
  if (end.resources !== resources || end.objects !== objects || end.sha256 !== hash.digest('hex')) {
    throw new BackupError('the backup was changed: its checksum does not match its contents');
  }
}

function parse(line: string, number: number): BackupRecord | BackupEnd {
  try {
    const value = parseJSON(line);
    if (typeof value === 'object' && value !== null) return value as BackupRecord | BackupEnd;
  } catch {
    // Reported below.
  }
  throw new BackupError(number === 1 ? NO_BACKUP : `line ${number} of the backup is not JSON`);
}

const NO_BACKUP = 'not a backup: it does not begin with a backup header';

function checkHeader(record: BackupRecord | BackupEnd): void {
  if (!('backup' in record)) throw new BackupError(NO_BACKUP);
  if (record.backup !== BACKUP_FORMAT) {
    throw new BackupError(
      `the backup has format ${record.backup}, this version reads format ${BACKUP_FORMAT}: use a newer version`,
    );
  }
}
