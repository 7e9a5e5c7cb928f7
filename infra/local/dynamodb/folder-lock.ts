/**
 * One process per folder: an advisory lock that ends with the processes that hold it, SIGKILL included. A file of the
 * folder is locked, and the folder itself where its file system can lock folders, as the file may be deleted.
 */

import { spawnSync } from 'node:child_process';
import { closeSync, constants, ftruncateSync, openSync, readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

export interface FolderLock {
  /** The locks belong to these open files: a child that inherits them holds the locks as well, until it ends. */
  readonly fds: readonly number[];
  release(): void;
}

/** Grace period for the former holder: restarts overlap, and an emulator briefly outlives its killed parent. */
const WAIT_MS = 3_000;
const PAUSE_MS = 50;

/** BSD's flag of open(2), which Node passes through but doesn't define. */
const O_EXLOCK = 0x20;

/**
 * Locks `folder`, which must exist. Throws Error, naming the process that holds it, if it isn't free within `waitMs`
 * milliseconds.
 */
export async function lockFolder(folder: string, waitMs = WAIT_MS): Promise<FolderLock> {
  const file = join(folder, 'lock');
  for (let waited = 0; ; waited += PAUSE_MS) {
    const fds = lockBoth(file, folder);
    if (fds !== undefined) {
      ftruncateSync(fds[0]!);
      writeSync(fds[0]!, `${process.pid}\n`, 0);
      return { fds, release: () => fds.forEach(closeSync) };
    }
    if (waited >= waitMs) {
      const holder = readFileSync(file, 'utf8').trim();
      throw new Error(
        `${folder} is in use by the zeroplane of pid ${holder || 'unknown'}: stop it, or choose another --data-dir`,
      );
    }
    await sleep(PAUSE_MS);
  }
}

/** The open files, the first one for writing; unset: another process holds a lock. */
function lockBoth(file: string, folder: string): readonly number[] | undefined {
  const first = openLocked(file, constants.O_RDWR | constants.O_CREAT);
  if (first === 'held') return undefined;
  if (first instanceof Error) throw first;
  const second = openLocked(folder, constants.O_RDONLY);
  if (second === 'held') closeSync(first);
  if (second === 'held') return undefined;
  return second instanceof Error ? [first] : [first, second];
}

function openLocked(path: string, flags: number): number | 'held' | Error {
  return process.platform === 'darwin' ? openLockedByFlag(path, flags) : lockedByCommand(path, flags);
}

function openLockedByFlag(path: string, flags: number): number | 'held' | Error {
  try {
    return openSync(path, flags | constants.O_NONBLOCK | O_EXLOCK, 0o600);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EAGAIN' ? 'held' : (error as Error);
  }
}

/** flock(1)'s status if another process holds the lock. */
const HELD = 1;

/**
 * Node lacks flock(2), but flock(1) can lock the open file that it inherits, which stays locked after flock(1) ends.
 */
function lockedByCommand(path: string, flags: number): number | 'held' | Error {
  const fd = openSync(path, flags, 0o600);
  const { status, error, stderr } = spawnSync('flock', ['-n', '3'], {
    stdio: ['ignore', 'ignore', 'pipe', fd],
  });
  if (status === 0) return fd;
  closeSync(fd);
  if (status === HELD) return 'held';
  return new Error(
    `can't lock ${path}: flock(1), of util-linux: ${error?.message ?? stderr.toString().trim()}`,
  );
}
