import { closeSync, mkdirSync, openSync } from 'node:fs';
import { appendFile, readdir, rename, stat, unlink } from 'node:fs/promises';
import { basename, dirname, extname, join } from 'node:path';
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
}

const DAY_MS = 24 * 3600 * 1000;

/** `audit-2026-05-01T12-00-00.000.log`, as upstream's rotation names old files. */
function backupPath(path: string, now: number): string {
  const extension = extname(path);
  const stamp = new Date(now).toISOString().replaceAll(':', '-').replace('Z', '');
  return join(dirname(path), `${basename(path, extension)}-${stamp}${extension}`);
}

async function removeOld({ path, maxBackups, maxAgeDays }: LogFileOptions, now: number): Promise<void> {
  const extension = extname(path);
  const start = `${basename(path, extension)}-`;
  const names = await readdir(dirname(path));
  const backups = names
    .filter((name) => name.startsWith(start) && name.endsWith(extension))
    .sort()
    .reverse();
  for (const [index, name] of backups.entries()) {
    const file = join(dirname(path), name);
    const tooMany = maxBackups > 0 && index >= maxBackups;
    const tooOld = maxAgeDays > 0 && now - (await stat(file)).mtimeMs > maxAgeDays * DAY_MS;
    if (tooMany || tooOld) await unlink(file);
  }
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
      const now = Date.now();
      await rename(path, backupPath(path, now));
      await removeOld(options, now);
      size = 0;
    }
    await appendFile(path, text, { mode: 0o600 });
    size += added;
  };
}
