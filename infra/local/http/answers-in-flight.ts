/**
 * Bounds the bytes of responses that clients have not received yet: clients that don't read are cut off, to free
 * memory.
 */

import { type ByteBounds, ByteShares } from '../../../shared/util/byte-shares.ts';

/** Responses up to this size aren't counted: the number of requests in flight bounds them. */
export const SMALL_ANSWER = 64 * 1024;
const BOUNDS: ByteBounds = { least: 64 * 1024 * 1024, most: 1024 * 1024 * 1024, heapShare: 1 / 2 };
/**
 * Milliseconds without progress after which a client is cut off; the second applies when another response needs the
 * room.
 */
const STALLED_MS = 30_000;
const PRESSURE_STALL_MS = 2_000;

export interface AnswersInFlightOptions {
  /** Default: by the memory limit of this process. */
  readonly maxBytes?: number;
  readonly stalledMs?: number;
  readonly pressureStallMs?: number;
}

/** A response being sent. */
export interface AnswerInFlight {
  /** Records progress of the client; `bytes`: of the counted size. */
  moved(bytes: number): void;
  /** Idempotent. */
  end(): void;
}

interface Open {
  readonly connection: object;
  readonly timer: NodeJS.Timeout;
  bytes: number;
  movedAt: number;
  /** Cuts off the client. */
  cut(): void;
}

export class AnswersInFlight {
  readonly #stalledMs: number;
  readonly #pressureStallMs: number;
  /** By connection. */
  readonly #held: ByteShares<object>;
  /** In order of their last progress, the oldest first. */
  readonly #open = new Set<Open>();

  constructor(options: AnswersInFlightOptions = {}) {
    this.#held = new ByteShares(options.maxBytes, BOUNDS);
    this.#stalledMs = options.stalledMs ?? STALLED_MS;
    this.#pressureStallMs = options.pressureStallMs ?? PRESSURE_STALL_MS;
  }

  /** Bytes held for clients. */
  get bytes(): number {
    return this.#held.bytes;
  }

  /**
   * Reserves room for `bytes` of a response on a connection. A connection gets at most half of the room, unless it is
   * the only one, which always gets some. If there is none, stalled clients are cut off; undefined: that was not
   * enough. `cut` is called, once and after `end`, when the client stops receiving the response.
   */
  begin(bytes: number, connection: object, cut: () => void): AnswerInFlight | undefined {
    if (!this.#makeRoom(bytes, connection)) return undefined;
    const open: Open = {
      connection,
      bytes: 0,
      movedAt: performance.now(),
      timer: setTimeout(() => open.cut(), this.#stalledMs),
      cut: () => {
        this.#end(open);
        cut();
      },
    };
    open.timer.unref();
    this.#open.add(open);
    this.#count(open, bytes);
    return {
      moved: (taken) => {
        if (!this.#open.delete(open)) return;
        this.#open.add(open);
        open.movedAt = performance.now();
        open.timer.refresh();
        this.#count(open, -taken);
      },
      end: () => this.#end(open),
    };
  }

  /** Reserves room for a response that is not assembled yet, like `begin`; returns a function that releases it. */
  claim(bytes: number, connection: object): (() => void) | undefined {
    if (!this.#makeRoom(bytes, connection)) return undefined;
    this.#held.add(bytes, connection);
    let isHeld = true;
    return () => {
      if (isHeld) this.#held.add(-bytes, connection);
      isHeld = false;
    };
  }

  #makeRoom(bytes: number, connection: object): boolean {
    for (const open of this.#open) {
      if (this.#held.fits(bytes, connection)) return true;
      const isOwn = this.#held.isAboveShare(bytes, connection);
      if (performance.now() - open.movedAt < this.#pressureStallMs) return false;
      if (open.bytes > 0 && (!isOwn || open.connection === connection)) open.cut();
    }
    return this.#held.fits(bytes, connection);
  }

  #count(open: Open, bytes: number): void {
    open.bytes += bytes;
    this.#held.add(bytes, open.connection);
  }

  #end(open: Open): void {
    if (!this.#open.delete(open)) return;
    clearTimeout(open.timer);
    this.#count(open, -open.bytes);
  }
}
