/**
 * Bounds the memory of responses of admission webhooks, from their receipt until their patches are applied: a webhook
 * may send megabytes to each of many concurrent requests.
 */

import { newTooManyRequests } from '../meta/status-error.ts';
import { MAX_VALUES } from '../runtime/serializer/body-budget.ts';
import { ByteShares, HEAP_PER_BYTE } from '../util/byte-shares.ts';

const MEGABYTE = 1024 * 1024;
const BOUNDS = { least: 32 * MEGABYTE, most: 1024 * MEGABYTE, heapShare: 1 / 4 };
/** Smaller responses aren't counted: the number of requests in flight bounds them. */
const SMALL = 8 * 1024;
/** Bytes, text, and the strings of the parsed text. */
const COPIES = 3;
/** Size from which a response holds no more values, because their number is limited. */
const MANY_VALUES = MAX_VALUES * 3;
const RETRY_AFTER_SECONDS = 1;

/** Heap bytes of a response of `bytes`. */
const heapOf = (bytes: number): number =>
  bytes <= SMALL ? 0 : bytes * COPIES + Math.min(bytes, MANY_VALUES) * HEAP_PER_BYTE;

export class WebhookMemory {
  readonly #held: ByteShares<object>;

  /** `maxBytes`: default a share of this process's heap. */
  constructor(maxBytes?: number) {
    this.#held = new ByteShares(maxBytes, BOUNDS);
  }

  get bytes(): number {
    return this.#held.bytes;
  }

  /** The memory of one response; `plane` identifies the control plane, which gets half of all memory at most. */
  open(plane: object): ResponseMemory {
    return new ResponseMemory(this.#held, plane);
  }
}

export class ResponseMemory {
  readonly #all: ByteShares<object>;
  readonly #plane: object;
  #heap = 0;

  constructor(all: ByteShares<object>, plane: object) {
    this.#all = all;
    this.#plane = plane;
  }

  /** Accounts for `bytes` received so far. Throws a 429 if there is no room now, or an Error if there never is. */
  readonly received = (bytes: number): void => {
    const heap = heapOf(bytes);
    if (heap > this.#all.share) throw new Error('http: response body too large');
    const more = heap - this.#heap;
    if (more <= 0) return;
    if (!this.#all.fits(more, this.#plane)) {
      throw newTooManyRequests(
        'Too many large responses of webhooks at once, please try again later.',
        RETRY_AFTER_SECONDS,
      );
    }
    this.#all.add(more, this.#plane);
    this.#heap = heap;
  };

  /** Idempotent. */
  release(): void {
    this.#all.add(-this.#heap, this.#plane);
    this.#heap = 0;
  }
}

/** Of this process: shared by all control planes. */
export const webhookMemory = new WebhookMemory();
