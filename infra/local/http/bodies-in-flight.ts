/** Bounds the bytes of all request bodies being read or processed: further ones wait, unread. */

import { newTooManyRequests } from '../../../shared/meta/status-error.ts';
import { ByteQueue } from '../../../shared/util/byte-queue.ts';
import { HEAP_PER_BYTE } from '../../../shared/util/byte-shares.ts';
import { Discards } from './discards.ts';

/** Bodies up to this size never wait: the number of requests in flight bounds them. */
export const SMALL_BODY = 64 * 1024;
const BOUNDS = { least: 8 * 1024 * 1024, most: 256 * 1024 * 1024, heapShare: 1 / HEAP_PER_BYTE };
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

const refused = () =>
  newTooManyRequests('Too many large request bodies at once, please try again later.', RETRY_AFTER_SECONDS);

export class BodiesInFlight {
  readonly discards = new Discards();
  /** By user. */
  readonly #queue: ByteQueue<string>;

  constructor({ maxBytes, timeoutMs = TIMEOUT_MS }: BodiesInFlightOptions = {}) {
    this.#queue = new ByteQueue({
      bounds: BOUNDS,
      maxBytes,
      timeoutMs,
      maxWaiting: MAX_WAITING,
      maxWaitingOfOne: MAX_WAITING_OF_ONE,
      refused,
    });
  }

  /**
   * Resolves when there is room for `bytes`, with a function that releases it; rejects with a 429. See
   * `ByteQueue.acquire`.
   */
  async acquire(bytes: number, user: string): Promise<() => void> {
    if (bytes <= SMALL_BODY) return () => undefined;
    return (await this.#queue.acquire(bytes, user)).release;
  }
}
