/** One process per folder: an advisory lock that ends with the processes that hold it, SIGKILL included. */

import { spawnSync } from 'node:child_process';
import { closeSync, constants, ftruncateSync, openSync, readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

export interface FolderLock {
  /** The lock belongs to this open file: a child that inherits it holds the lock as well, until it ends. */
  readonly fd: number;
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
    const fd = process.platform === 'darwin' ? openLocked(file) : lockedByCommand(file);
    if (fd !== undefined) {
      ftruncateSync(fd);
      writeSync(fd, `${process.pid}\n`, 0);
      return { fd, release: () => closeSync(fd) };
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

function openLocked(file: string): number | undefined {
  try {
    return openSync(file, constants.O_RDWR | constants.O_CREAT | constants.O_NONBLOCK | O_EXLOCK, 0o600);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EAGAIN') return undefined;
    throw error;
  }
}

/**
 * Node lacks flock(2), but flock(1) can lock the open file that it inherits, which stays locked after flock(1) ends.
 */
function lockedByCommand(file: string): number | undefined {
  const fd = openSync(file, constants.O_RDWR | constants.O_CREAT, 0o600);
  const { status, error } = spawnSync('flock', ['-n', '3'], { stdio: ['ignore', 'ignore', 'ignore', fd] });
  if (status === 0) return fd;
  closeSync(fd);
  if (error !== undefined) throw new Error(`can't lock ${file}: flock(1), of util-linux: ${error.message}`);
  return undefined;
}
