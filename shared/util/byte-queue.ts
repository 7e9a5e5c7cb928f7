import { type ByteBounds, ByteShares } from './byte-shares.ts';

export interface ByteQueueOptions {
  readonly bounds: ByteBounds;
  /** Of all owners together. Default: by `bounds` for this process. */
  readonly maxBytes?: number | undefined;
  /** Milliseconds that a caller may wait. */
  readonly timeoutMs: number;
  /** Callers that may wait at the same time: in all, and for one owner. */
  readonly maxWaiting: number;
  readonly maxWaitingOfOne: number;
  /** The error for callers that can't wait, or have waited for too long. */
  readonly refused: () => Error;
}

/** Memory that a caller holds. */
export interface HeldBytes {
  /** Takes more, without waiting. Throws the queue's error if there is no room. */
  grow(bytes: number): void;
  /** Idempotent. */
  release(): void;
}

interface Waiter<K> {
  readonly owner: K;
  readonly bytes: number;
  admit(): void;
}

/** Bounds memory in use: callers wait, in order of arrival, until there is room for theirs. */
export class ByteQueue<K> {
  readonly #options: ByteQueueOptions;
  readonly #held: ByteShares<K>;
  /** In order of arrival. */
  readonly #waiting = new Set<Waiter<K>>();

  constructor(options: ByteQueueOptions) {
    this.#options = options;
    this.#held = new ByteShares(options.maxBytes, options.bounds);
  }

  /** Bytes in use. */
  get bytes(): number {
    return this.#held.bytes;
  }

  /**
   * Resolves when there is room for `bytes`. An owner gets at most half of the room, unless it is the only one, which
   * always gets some. Rejects with the queue's error if too many wait, or for too long.
   */
  acquire(bytes: number, owner: K): Promise<HeldBytes> {
    if (this.#held.fits(bytes, owner)) return Promise.resolve(this.#take(bytes, owner));
    const { maxWaiting, maxWaitingOfOne, timeoutMs, refused } = this.#options;
    let ofOwner = 0;
    for (const waiter of this.#waiting) if (waiter.owner === owner) ofOwner++;
    if (this.#waiting.size >= maxWaiting || ofOwner >= maxWaitingOfOne) return Promise.reject(refused());
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#waiting.delete(waiter);
        reject(refused());
      }, timeoutMs);
      const waiter: Waiter<K> = {
        owner,
        bytes,
        admit: () => {
          clearTimeout(timer);
          this.#waiting.delete(waiter);
          resolve(this.#take(bytes, owner));
        },
      };
      this.#waiting.add(waiter);
    });
  }

  #take(bytes: number, owner: K): HeldBytes {
    let own = 0;
    const add = (more: number): void => {
      this.#held.add(more, owner);
      own += more;
    };
    add(bytes);
    let isHeld = true;
    return {
      grow: (more) => {
        if (!this.#held.hasRoom(more)) throw this.#options.refused();
        add(more);
      },
      release: () => {
        if (!isHeld) return;
        isHeld = false;
        add(-own);
        for (const waiter of [...this.#waiting])
          if (this.#held.fits(waiter.bytes, waiter.owner)) waiter.admit();
      },
    };
  }
}
