/** A folder of a tenant's parameters: cached in memory, and reread periodically to pick up changes of others. */

import { newServiceUnavailable } from '../../shared/meta/status-error.ts';
import type { Clock } from '../../shared/util/clock.ts';

/** The subset of `ParameterStore` in use. */
export interface KeyParameters {
  list(folder: string): Promise<ReadonlyMap<string, string>>;
  create(name: string, value: string): Promise<boolean>;
}

/** Milliseconds for which parameters are cached. */
export const CACHE_TTL_MS = 10 * 60_000;
/** Minimum milliseconds between two reads for absent parameters, however many callers wait. */
export const POLL_INTERVAL_MS = 1_000;
/** Maximum number of reads for a parameter that another process has created. */
const POLLS = 5;

export type ParameterClock = Pick<Clock, 'now' | 'sleep'>;

/** A folder's parameters, parsed. */
export class ParameterFolder<T> {
  readonly #read: () => Promise<T>;
  readonly #clock: ParameterClock;
  #held: Promise<{ readonly value: T; readonly readAt: number }> | undefined;

  constructor(read: () => Promise<T>, clock: ParameterClock) {
    this.#read = read;
    this.#clock = clock;
  }

  /** The parameters, read at most `maxAgeMs` ago. */
  async value(maxAgeMs = CACHE_TTL_MS): Promise<T> {
    const { value, readAt } = await (this.#held ?? this.#reload());
    return this.#clock.now() - readAt < maxAgeMs ? value : (await this.#reload()).value;
  }

  /**
   * Rereads the parameters, at least `pauseMs` after the last read: concurrent callers wait for, and share, one read.
   */
  async reread(pauseMs = POLL_INTERVAL_MS): Promise<T> {
    const held = this.#held ?? this.#reload();
    const wait = (await held).readAt + pauseMs - this.#clock.now();
    if (wait > 0) await this.#clock.sleep(wait);
    const next = this.#held === held || this.#held === undefined ? this.#reload() : this.#held;
    return (await next).value;
  }

  #reload(): Promise<{ readonly value: T; readonly readAt: number }> {
    const loading = this.#read().then((value) => ({ value, readAt: this.#clock.now() }));
    this.#held = loading;
    // A failure reaches only the current waiters; the next caller tries again.
    loading.catch(() => {
      if (this.#held === loading) this.#held = undefined;
    });
    return loading;
  }
}

/**
 * Returns the result of `find`, or calls `make` if there is none. Concurrent creators all get what the first has
 * created.
 */
export async function ensure<T>(
  find: () => Promise<T | undefined>,
  reread: () => Promise<T | undefined>,
  make: () => Promise<void>,
): Promise<T> {
  let found = await find();
  if (found !== undefined) return found;
  await make();
  for (let poll = 0; poll < POLLS && found === undefined; poll++) found = await reread();
  if (found === undefined) throw newServiceUnavailable("a key was created, but can't be read yet", 1);
  return found;
}

const DIGITS = 4;

/** Sorts as text in numeric order. */
export function numbered(number: number): string {
  return String(number).padStart(DIGITS, '0');
}
