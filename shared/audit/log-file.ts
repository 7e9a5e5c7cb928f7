import { closeSync, createReadStream, createWriteStream, mkdirSync, openSync } from 'node:fs';
import { appendFile, readdir, rename, stat, unlink } from 'node:fs/promises';
import { basename, dirname, extname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import type { WriteLine } from './log-backend.ts';

export interface LogFileOptions {
  /** `-` is standard output. */
  readonly path: string;
  /** Megabytes at which a new file is begun; 0: never. */
  readonly maxSizeMB: number;
  /** Old files kept; 0: all. */
  readonly maxBackups: number;
  /** Days that old files are kept; 0: for ever. */
  readonly maxAgeDays: number;
  /** Whether old files are compressed. */
  readonly compress?: boolean;
}

const DAY_MS = 24 * 3600 * 1000;

/** `audit-2026-05-01T12-00-00.000.log`, as upstream's rotation names old files. */
function backupPath(path: string, now: number): string {
  const extension = extname(path);
  const stamp = new Date(now).toISOString().replaceAll(':', '-').replace('Z', '');
  return join(dirname(path), `${basename(path, extension)}-${stamp}${extension}`);
}

/** When a file was rotated, by its name; undefined of what is no old file of this log. */
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

/** Appends to a file that only its owner may read, and begins a new one when it has grown. Throws if it can't be made. */
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
