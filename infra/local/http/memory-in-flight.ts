/** Limits the memory of long-running requests and of requests with large headers or selectors. */

import { newTooManyRequests } from '../../../shared/meta/status-error.ts';
import { type ByteBounds, ByteShares } from '../../../shared/util/byte-shares.ts';
import type { NodeRequest } from './request-body.ts';

/** Smaller requests aren't counted: the number of requests in flight is limited separately. */
const SMALL = 32 * 1024;
/** Memory of a request's address and header fields, as a multiple of their size. */
const HEAP_PER_BYTE = 4;
const BOUNDS: ByteBounds = { least: 32 * 1024 * 1024, most: 2 * 1024 * 1024 * 1024, heapShare: 1 / 4 };
const RETRY_AFTER_SECONDS = 1;

export class MemoryInFlight {
  /** By user. */
  readonly #held: ByteShares<string>;

  /** `maxBytes`: default a share of the heap limit. */
  constructor(maxBytes?: number) {
    this.#held = new ByteShares(maxBytes, BOUNDS);
  }

  /** Returns an idempotent function that releases the memory. Throws a 429 StatusError if there is none; see `ByteShares`. */
  claim(bytes: number, user: string): () => void {
    if (bytes <= SMALL) return () => undefined;
    if (!this.#held.fits(bytes, user)) {
      throw newTooManyRequests(
        'Too many watches and long selectors at once, please try again later.',
        RETRY_AFTER_SECONDS,
      );
    }
    this.#held.add(bytes, user);
    let isHeld = true;
    return () => {
      if (isHeld) this.#held.add(-bytes, user);
      isHeld = false;
    };
  }
}

/** The memory of one request. */
export class RequestMemory {
  readonly #memory: MemoryInFlight;
  readonly #request: NodeRequest;
  #release: (() => void) | undefined;

  constructor(memory: MemoryInFlight, request: NodeRequest) {
    this.#memory = memory;
    this.#request = request;
  }

  /** `bytes`: in addition to the request's headers. Throws like `MemoryInFlight.claim`. */
  claim(bytes: number, user: string): void {
    const { url = '', rawHeaders } = this.#request;
    const head = rawHeaders.reduce((sum, { length }) => sum + length, url.length);
    this.release();
    this.#release = this.#memory.claim(bytes + head * HEAP_PER_BYTE, user);
  }

  release(): void {
    this.#release?.();
    this.#release = undefined;
  }
}
