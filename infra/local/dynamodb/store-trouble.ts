/**
 * What the embedded store suffers from: told once in the log and by readiness, with what to do, until it works again.
 */

import { statfsSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Logger } from '../../../shared/util/logger.ts';

interface Trouble {
  /** What SQLite says. */
  readonly said: RegExp;
  /** It doesn't pass by itself. */
  readonly lasts?: boolean;
  /** For clients, who needn't know where it is. */
  readonly meaning: string;
  /** For who runs the server. */
  readonly advice: (file: string) => string;
}

const TROUBLES: readonly Trouble[] = [
  {
    said: /database or disk is full|no space left/i,
    meaning: "the store's disk is full",
    advice: (file) =>
      `make room on the disk that has ${file} (64 MiB at least); until then nothing is written`,
  },
  {
    said: /disk I\/O error|unable to open database/i,
    meaning: "the store's file can't be read or written",
    advice: (file) => `look at the disk and the owner of ${file}, and at limits of this process`,
  },
  {
    said: /readonly database/i,
    meaning: "the store's file can't be written",
    advice: (file) => `make ${file} and its folder this user's, on a disk that is writable`,
  },
  {
    lasts: true,
    said: /malformed|not a valid SQLite|not a database/i,
    meaning: "the store's file is damaged, or none of zeroplane's",
    advice: (file) =>
      `keep a copy of ${file}, and restore a backup into an empty --data-dir (zeroplane restore)`,
  },
];

/**
 * Bytes of the disk that are left free: where the emulator runs out of room within a transaction, it may keep half of
 * it. All that may be under way at once finds room here.
 */
const ROOM = 64 * 1024 * 1024;

const FULL = TROUBLES[0]!;

/** What `said` means for the store in `file`, and what to do; unset: nothing that is known. */
export function troubleOf(said: string, file: string): string | undefined {
  const trouble = TROUBLES.find((one) => one.said.test(said));
  return trouble && advised(trouble, file);
}

export class StoreTrouble {
  readonly #file: string;
  readonly #logger: Logger;
  #current: Trouble | undefined;

  constructor(file: string, logger: Logger) {
    this.#file = file;
    this.#logger = logger;
  }

  /** What it suffers from, for clients; unset: nothing that is known. */
  get current(): string | undefined {
    if (this.#current === FULL) this.beforeWrite();
    return this.#current?.meaning;
  }

  /** A call failed with `said`. Returns what that means, where it is the store that suffers. */
  failed(said: string): string | undefined {
    const trouble = TROUBLES.find((one) => one.said.test(said));
    return trouble && this.#suffers(trouble, said);
  }

  /** Looks whether there is room. Returns what keeps from writing, where there isn't. */
  beforeWrite(): string | undefined {
    const { bavail, bsize } = statfsSync(dirname(this.#file));
    const bytes = bavail * bsize;
    if (bytes < ROOM) return this.#suffers(FULL, `${bytes} bytes are free`);
    if (this.#current === FULL) this.written();
    return undefined;
  }

  /** Something was written: what kept from it has passed. */
  written(): void {
    if (this.#current === undefined || this.#current.lasts) return;
    this.#current = undefined;
    this.#logger.warning(`${this.#file} can be written again`);
  }

  #suffers(trouble: Trouble, said: string): string {
    if (this.#current !== trouble) this.#logger.error(advised(trouble, this.#file), said);
    this.#current = trouble;
    return trouble.meaning;
  }
}

function advised({ meaning, advice }: Trouble, file: string): string {
  return `${meaning}: ${advice(file)}`;
}
