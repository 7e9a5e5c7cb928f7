/** A folder of a tenant's parameters: kept in memory, read again now and then, so that what others change comes to be known. */

import { newServiceUnavailable } from '../../shared/meta/status-error.ts';
import type { Clock } from '../../shared/util/clock.ts';

/** What is asked of `ParameterStore`. */
export interface KeyParameters {
  list(folder: string): Promise<ReadonlyMap<string, string>>;
  create(name: string, value: string): Promise<boolean>;
}

/** Milliseconds that what was read is believed. */
export const BELIEVED_MS = 10 * 60_000;
/** Milliseconds between two looks, however many ask for what isn't there. */
export const LOOK_AGAIN_MS = 1_000;
/** Looks for what someone else is said to have made. */
const LOOKS = 5;

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

  /** What is there, as of so long ago at most. */
  async value(maxAgeMs = BELIEVED_MS): Promise<T> {
    const { value, readAt } = await (this.#held ?? this.#reload());
    return this.#clock.now() - readAt < maxAgeMs ? value : (await this.#reload()).value;
  }

  /** As of `pauseMs` after the last look: those who ask meanwhile wait, and share the next. */
  async lookAgain(pauseMs = LOOK_AGAIN_MS): Promise<T> {
    const held = this.#held ?? this.#reload();
    const wait = (await held).readAt + pauseMs - this.#clock.now();
    if (wait > 0) await this.#clock.sleep(wait);
    const next = this.#held === held || this.#held === undefined ? this.#reload() : this.#held;
    return (await next).value;
  }

  #reload(): Promise<{ readonly value: T; readonly readAt: number }> {
    const loading = this.#read().then((value) => ({ value, readAt: this.#clock.now() }));
    this.#held = loading;
    // A failure is for those who wait for it; the next tries anew.
    loading.catch(() => {
      if (this.#held === loading) this.#held = undefined;
    });
    return loading;
  }
}

/** What `find` finds, made if there is nothing: of several who make it at once, all get what the first has made. */
export async function ensure<T>(
  find: () => Promise<T | undefined>,
  lookAgain: () => Promise<T | undefined>,
  make: () => Promise<void>,
): Promise<T> {
  let found = await find();
  if (found !== undefined) return found;
  await make();
  for (let look = 0; look < LOOKS && found === undefined; look++) found = await lookAgain();
  if (found === undefined) throw newServiceUnavailable('a key was made, and can not be read yet', 1);
  return found;
}

const DIGITS = 4;

/** Texts in the order of the numbers. */
export function numbered(number: number): string {
  return String(number).padStart(DIGITS, '0');
}
