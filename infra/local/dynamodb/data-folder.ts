/** The folder for a local server's data and keys: private to its owner, even if it existed before. */

import { chmodSync, mkdirSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** Creates the folder, or makes it and its files private. Throws an Error with advice. */
export function ensureDataFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    chmodSync(folder, 0o700);
    for (const name of readdirSync(folder)) {
      const path = join(folder, name);
      const { mode } = statSync(path, { throwIfNoEntry: false }) ?? { mode: 0 };
      if ((mode & 0o077) !== 0 && name.startsWith('dynamodb.sqlite')) chmodSync(path, 0o600);
    }
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code !== 'EPERM' && code !== 'EACCES' && code !== 'EROFS') throw error;
    throw new Error(
      `${folder} can't be made private (${message}): become its owner, or choose another --data-dir`,
      {
        cause: error,
      },
    );
  }
}
