/** A bound on the bytes of answers that clients have not taken yet: who doesn't read is cut off, so that memory returns. */

import { type ByteBounds, ByteShares } from './byte-shares.ts';

/** Answers up to this many bytes count for nothing: requests in flight are bounded by their number. */
export const SMALL_ANSWER = 64 * 1024;
const BOUNDS: ByteBounds = { least: 64 * 1024 * 1024, most: 1024 * 1024 * 1024, heapShare: 1 / 2 };
/** Milliseconds without a byte taken after which a client is cut off; and where there is no room for another's answer. */
const STALLED_MS = 30_000;
const IMPATIENT_MS = 2_000;

export interface AnswersInFlightOptions {
  /** Default: by the memory that this process may take. */
  readonly maxBytes?: number;
  readonly stalledMs?: number;
  readonly impatientMs?: number;
}

/** An answer on its way. */
export interface AnswerInFlight {
  /** The client has taken something; `bytes` of what was counted. */
  moved(bytes: number): void;
  /** Idempotent. */
  end(): void;
}

interface Open {
  readonly connection: object;
  readonly timer: NodeJS.Timeout;
  bytes: number;
  movedAt: number;
  /** Cuts the client off. */
  cut(): void;
}

export class AnswersInFlight {
  readonly #stalledMs: number;
  readonly #impatientMs: number;
  /** By connection. */
  readonly #held: ByteShares<object>;
  /** Those that have moved least recently first. */
  readonly #open = new Set<Open>();

  constructor(options: AnswersInFlightOptions = {}) {
    this.#held = new ByteShares(options.maxBytes, BOUNDS);
    this.#stalledMs = options.stalledMs ?? STALLED_MS;
    this.#impatientMs = options.impatientMs ?? IMPATIENT_MS;
  }

  /** Bytes that are held for clients. */
  get bytes(): number {
    return this.#held.bytes;
  }

  /**
   * Takes room for `bytes` of an answer on a connection, of which one has half of it at most; whoever is alone always
   * finds some. Where there is none, clients that have not read for a while are cut off; undefined: none of them did.
   * `cut` is called, once and after `end`, when the client stops taking the answer.
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

  /** Takes room for an answer that is not there yet, as `begin` does; returns what gives it back. */
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
      if (performance.now() - open.movedAt < this.#impatientMs) return false;
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
