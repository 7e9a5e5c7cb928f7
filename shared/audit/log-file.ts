import { closeSync, createReadStream, createWriteStream, mkdirSync, openSync } from 'node:fs';
import { appendFile, readdir, rename, stat, unlink } from 'node:fs/promises';
import { basename, dirname, extname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import type { WriteLine } from './log-backend.ts';

export interface LogFileOptions {
  /** `-` is standard output. */
  readonly path: string;
  /** Size in megabytes at which the file is rotated; 0: never. */
  readonly maxSizeMB: number;
  /** Number of old files kept; 0: all. */
  readonly maxBackups: number;
  /** Days that old files are kept; 0: forever. */
  readonly maxAgeDays: number;
  /** Whether old files are compressed. */
  readonly compress?: boolean;
}

const DAY_MS = 24 * 3600 * 1000;

/** `audit-2026-05-01T12-00-00.000.log`, upstream's format for names of old files. */
function backupPath(path: string, now: number): string {
  const extension = extname(path);
  const stamp = new Date(now).toISOString().replaceAll(':', '-').replace('Z', '');
  return join(dirname(path), `${basename(path, extension)}-${stamp}${extension}`);
}

/** The time of rotation in an old file's name; undefined for other files. */
function backupTime(path: string, name: string): number | undefined {
  const extension = extname(path);
  const start = `${basename(path, extension)}-`;
  const end = [`${extension}.gz`, extension].find((one) => name.endsWith(one));
  if (end === undefined || !name.startsWith(start)) return undefined;
  const stamp = name.slice(start.length, name.length - end.length);
  const [, date, hour, minute, second] = /^(\d{4}-\d\d-\d\d)T(\d\d)-(\d\d)-(\d\d\.\d{3})$/.exec(stamp) ?? [];
  const time = Date.parse(`${date}T${hour}:${minute}:${second}Z`);
  return Number.isNaN(time) ? undefined : time;
}

async function removeOld({ path, maxBackups, maxAgeDays }: LogFileOptions, now: number): Promise<void> {
  const names = await readdir(dirname(path));
  const backups = names
    .flatMap((name) => {
      const time = backupTime(path, name);
      return time === undefined ? [] : [{ name, time }];
    })
    .sort((a, b) => b.time - a.time);
  for (const [index, { name, time }] of backups.entries()) {
    const tooMany = maxBackups > 0 && index >= maxBackups;
    const tooOld = maxAgeDays > 0 && now - time > maxAgeDays * DAY_MS;
    if (tooMany || tooOld) await unlink(join(dirname(path), name));
  }
}

async function rotate(options: LogFileOptions): Promise<void> {
  const now = Date.now();
  const backup = backupPath(options.path, now);
  await rename(options.path, backup);
  if (options.compress) {
    await pipeline(
      createReadStream(backup),
      createGzip(),
      createWriteStream(`${backup}.gz`, { mode: 0o600 }),
    );
    await unlink(backup);
  }
  await removeOld(options, now);
}

/** Appends to a file that only its owner can read, and rotates it by size. Throws if it can't be created. */
export function openAuditLog(options: LogFileOptions): WriteLine {
  const { path, maxSizeMB } = options;
  if (path === '-') {
    return (text) =>
      new Promise((resolve, reject) => {
        process.stdout.write(text, (error) => (error ? reject(error) : resolve()));
      });
  }
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  closeSync(openSync(path, 'a', 0o600));
  const maxSize = maxSizeMB * 1024 * 1024;
  let size: number | undefined;
  return async (text) => {
    size ??= (await stat(path)).size;
    const added = Buffer.byteLength(text);
    if (maxSize > 0 && size > 0 && size + added > maxSize) {
      await rotate(options);
      size = 0;
    }
    await appendFile(path, text, { mode: 0o600 });
    size += added;
  };
}
