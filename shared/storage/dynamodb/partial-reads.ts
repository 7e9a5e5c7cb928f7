/**
 * Decides when a resource is worth reading as a whole, by what reading parts of it has cost: a full read may cost a few
 * times as much, so that callers with small requests don't cause large reads.
 */

/** Milliseconds after which a read no longer counts. */
const WINDOW_MS = 60_000;
/** The factor by which a full read may cost more than the partial ones did. */
const TIMES_SPENT = 4;
/** A full read of this size is always worth a try: 32 read units. */
const LEAST_BYTES = 128 * 1024;
/** Milliseconds for which a resource known to be larger isn't tried again. */
const LARGER_MS = 10 * 60_000;

export class PartialReads {
  readonly #minReads: number;
  #reads: { readonly at: number; readonly bytes: number }[] = [];
  #larger = { than: 0, until: 0 };

  /** `minReads`: number of reads in a minute that never cause a full read. */
  constructor(minReads: number) {
    this.#minReads = minReads;
  }

  /** Records a partial read at `now`, in milliseconds. */
  add(now: number, bytes: number): void {
    this.#reads = this.#reads.filter(({ at }) => at > now - WINDOW_MS);
    this.#reads.push({ at: now, bytes });
  }

  /** Number of bytes that a full read may take now; 0: not worth a try. */
  allowance(now: number): number {
    const lasting = this.#reads.filter(({ at }) => at > now - WINDOW_MS);
    if (lasting.length < this.#minReads) return 0;
    const spent = lasting.reduce((sum, { bytes }) => sum + bytes, 0);
    const allowed = Math.max(spent * TIMES_SPENT, LEAST_BYTES);
    return now < this.#larger.until && allowed <= this.#larger.than * 2 ? 0 : allowed;
  }

  /** Records that the whole resource takes more than `bytes`. */
  isLarger(now: number, bytes: number): void {
    this.#larger = { than: bytes, until: now + LARGER_MS };
  }
}
