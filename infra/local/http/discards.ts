/**
 * Paces the discarding of unread bodies: Node processes all sockets with pending data in one iteration of the
 * event loop, and decrypting their data can't be interrupted.
 */

/** Maximum number of bodies being discarded; further ones wait, unread. */
const MAX_DISCARDING = 4;

export class Discards {
  #running = 0;
  readonly #waiting = new Set<() => void>();

  /** Calls `begin` when it is its turn. Returns a function that ends the discarding, or the wait for it; idempotent. */
  start(begin: () => void): () => void {
    let isBegun = false;
    let isOver = false;
    const go = (): void => {
      isBegun = true;
      this.#running++;
      begin();
    };
    if (this.#running < MAX_DISCARDING) go();
    else this.#waiting.add(go);
    return () => {
      if (isOver) return;
      isOver = true;
      if (!isBegun) this.#waiting.delete(go);
      else {
        this.#running--;
        this.#next();
      }
    };
  }

  #next(): void {
    const [first] = this.#waiting;
    if (first === undefined) return;
    this.#waiting.delete(first);
    first();
  }
}
