/** Bounds the bytes of all request bodies being read or processed: further ones wait, unread. */

import { newTooManyRequests } from '../../../shared/meta/status-error.ts';
import { type ByteBounds, ByteShares } from './byte-shares.ts';

/** Bodies up to this size never wait: the number of requests in flight bounds them. */
export const SMALL_BODY = 64 * 1024;
/** Memory of objects being processed, as a multiple of their bytes. */
export const HEAP_PER_BYTE = 24;
const BOUNDS: ByteBounds = { least: 8 * 1024 * 1024, most: 256 * 1024 * 1024, heapShare: 1 / HEAP_PER_BYTE };
/** Of all users, and of one. */
const MAX_WAITING = 200;
const MAX_WAITING_OF_ONE = 32;
/** Milliseconds that a body may wait. */
const TIMEOUT_MS = 15_000;
const RETRY_AFTER_SECONDS = 1;

export interface BodiesInFlightOptions {
  /** Default: by the memory limit of this process. */
  readonly maxBytes?: number;
  readonly timeoutMs?: number;
}

interface Waiter {
  readonly user: string;
  readonly bytes: number;
  admit(): void;
}

const refused = () =>
  newTooManyRequests('Too many large request bodies at once, please try again later.', RETRY_AFTER_SECONDS);

export class BodiesInFlight {
  readonly #timeoutMs: number;
  /** By user. */
  readonly #held: ByteShares<string>;
  /** In order of arrival. */
  readonly #waiting = new Set<Waiter>();

  constructor(options: BodiesInFlightOptions = {}) {
    this.#held = new ByteShares(options.maxBytes, BOUNDS);
    this.#timeoutMs = options.timeoutMs ?? TIMEOUT_MS;
  }

  /**
   * Resolves when there is room for `bytes`, with a function that releases it. A user gets at most half of the room,
   * unless it is the only one, which always gets some. Rejects with a 429 if too many wait, or for too long.
   */
  acquire(bytes: number, user: string): Promise<() => void> {
    if (bytes <= SMALL_BODY) return Promise.resolve(() => undefined);
    if (this.#held.fits(bytes, user)) return Promise.resolve(this.#take(bytes, user));
    let ofUser = 0;
    for (const waiter of this.#waiting) if (waiter.user === user) ofUser++;
    if (this.#waiting.size >= MAX_WAITING || ofUser >= MAX_WAITING_OF_ONE) return Promise.reject(refused());
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#waiting.delete(waiter);
        reject(refused());
      }, this.#timeoutMs);
      const waiter: Waiter = {
        user,
        bytes,
        admit: () => {
          clearTimeout(timer);
          this.#waiting.delete(waiter);
          resolve(this.#take(bytes, user));
        },
      };
      this.#waiting.add(waiter);
    });
  }

  #take(bytes: number, user: string): () => void {
    this.#held.add(bytes, user);
    let isHeld = true;
    return () => {
      if (!isHeld) return;
      isHeld = false;
      this.#held.add(-bytes, user);
      for (const waiter of [...this.#waiting]) if (this.#held.fits(waiter.bytes, waiter.user)) waiter.admit();
    };
  }
}
