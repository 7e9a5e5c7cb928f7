/** Faults of the embedded store: reported once in the log and by readiness, with advice, until it works again. */

import { statfsSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Logger } from '../../../shared/util/logger.ts';

interface StoreFault {
  /** SQLite's message. */
  readonly pattern: RegExp;
  /** The fault doesn't pass by itself. */
  readonly isPermanent?: boolean;
  /** For clients, without the file's path. */
  readonly meaning: string;
  /** For the operator of the server. */
  readonly advice: (file: string) => string;
}

const FAULTS: readonly StoreFault[] = [
  {
    pattern: /database or disk is full|no space left/i,
    meaning: "the store's disk is full",
    advice: (file) => `free space on the disk of ${file} (at least 64 MiB); until then nothing is written`,
  },
  {
    pattern: /disk I\/O error|unable to open database/i,
    meaning: "the store's file can't be read or written",
    advice: (file) => `check the disk and the owner of ${file}, and the limits of this process`,
  },
  {
    pattern: /readonly database/i,
    meaning: "the store's file can't be written",
    advice: (file) => `make ${file} and its folder writable by this user`,
  },
  {
    isPermanent: true,
    pattern: /malformed|not a valid SQLite|not a database/i,
    meaning: "the store's file is damaged, or not a zeroplane store",
    advice: (file) =>
      `keep a copy of ${file}, and restore a backup into an empty --data-dir (zeroplane restore)`,
  },
];

/**
 * Bytes of the disk to keep free: an emulator that runs out of space within a transaction may store half of it. Large
 * enough for everything that may be in flight at once.
 */
const ROOM = 64 * 1024 * 1024;

const FULL = FAULTS[0]!;

/** The meaning of `said` for the store in `file`, with advice; unset: an unknown message. */
export function faultText(message: string, file: string): string | undefined {
  const fault = FAULTS.find((one) => one.pattern.test(message));
  return fault && withAdvice(fault, file);
}

export class StoreHealth {
  readonly #file: string;
  readonly #logger: Logger;
  #current: StoreFault | undefined;

  constructor(file: string, logger: Logger) {
    this.#file = file;
    this.#logger = logger;
  }

  /** The current fault, in words for clients, with the free space as it is now; unset: none is known. */
  get current(): string | undefined {
    if (this.#current === undefined || this.#current === FULL) this.beforeWrite();
    return this.#current?.meaning;
  }

  /** Records a call that failed with `said`. Returns the fault, if it is the store's. */
  message(said: string): string | undefined {
    const fault = FAULTS.find((one) => one.pattern.test(said));
    return fault && this.#report(fault, said);
  }

  /** Checks the free space. Returns the fault if there is too little to write. */
  beforeWrite(): string | undefined {
    const { bavail, bsize } = statfsSync(dirname(this.#file));
    const bytes = bavail * bsize;
    if (bytes < ROOM) return this.#report(FULL, `${bytes} bytes are free`);
    if (this.#current === FULL) this.written();
    return undefined;
  }

  /** Records a successful write: the fault has passed. */
  written(): void {
    if (this.#current === undefined || this.#current.isPermanent) return;
    this.#current = undefined;
    this.#logger.warning(`${this.#file} can be written again`);
  }

  #report(fault: StoreFault, said: string): string {
    if (this.#current !== fault) this.#logger.error(withAdvice(fault, this.#file), said);
    this.#current = fault;
    return fault.meaning;
  }
}

function withAdvice({ meaning, advice }: StoreFault, file: string): string {
  return `${meaning}: ${advice(file)}`;
}
