/** A bound on what requests that last, or say much before their bodies, hold in memory for as long as they do. */

import { newTooManyRequests } from '../../../shared/meta/status-error.ts';
import { type ByteBounds, ByteShares } from './byte-shares.ts';
import type { NodeRequest } from './request-body.ts';

/** What holds no more counts for nothing: requests in flight are bounded by their number. */
const SMALL = 32 * 1024;
/** What a request's address and header fields take, as a multiple of their bytes. */
const HEAP_PER_BYTE = 4;
const BOUNDS: ByteBounds = { least: 32 * 1024 * 1024, most: 2 * 1024 * 1024 * 1024, heapShare: 1 / 4 };
const RETRY_AFTER_SECONDS = 1;

export class MemoryInFlight {
  /** By user. */
  readonly #held: ByteShares<string>;

  /** `maxBytes`: by default, by the memory that this process may take. */
  constructor(maxBytes?: number) {
    this.#held = new ByteShares(maxBytes, BOUNDS);
  }

  /** Returns what gives it back, idempotent. Throws the 429 that is answered where there is no room; see `ByteShares`. */
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

/** What one request holds. */
export class RequestMemory {
  readonly #memory: MemoryInFlight;
  readonly #request: NodeRequest;
  #release: (() => void) | undefined;

  constructor(memory: MemoryInFlight, request: NodeRequest) {
    this.#memory = memory;
    this.#request = request;
  }

  /** `bytes`: beside what the host itself holds of the request. Throws as `MemoryInFlight.claim`. */
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
