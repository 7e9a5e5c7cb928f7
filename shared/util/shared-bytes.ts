/**
 * A budget of bytes that several holders share. Each may hold as much as stays free, so one holder takes at most half,
 * two at most a third each, and there is always room for another.
 */
export class SharedBytes {
  #free: number;

  constructor(total: number) {
    this.#free = total;
  }

  /** Whether a holder of `held` bytes may take `bytes` more. */
  hasRoom(held: number, bytes: number): boolean {
    return held + bytes <= this.#free - bytes;
  }

  /** The caller returns the bytes with `give`. */
  take(bytes: number): void {
    this.#free -= bytes;
  }

  give(bytes: number): void {
    this.#free += bytes;
  }
}
