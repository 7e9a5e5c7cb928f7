/**
 * Tells when a resource is worth reading as a whole, by what reading parts of it costs: such a read may cost a few
 * times what was spent already, so that nobody who asks for little pays for much.
 */

/** Reads of so long ago no longer count. */
const LASTING_MS = 60_000;
/** The whole may cost so many times what its parts have cost. */
const TIMES_SPENT = 4;
/** So much is always worth a try: 32 read units. */
const LEAST_BYTES = 128 * 1024;
/** What is known to be larger isn't tried again for so long. */
const LARGER_MS = 10 * 60_000;

export class PartialReads {
  readonly #unheeded: number;
  #reads: { readonly at: number; readonly bytes: number }[] = [];
  #larger = { than: 0, until: 0 };

  /** So many reads in a minute are no reason for more. */
  constructor(unheeded: number) {
    this.#unheeded = unheeded;
  }

  /** Tells of a read at `now`, in milliseconds. */
  add(now: number, bytes: number): void {
    this.#reads = this.#reads.filter(({ at }) => at > now - LASTING_MS);
    this.#reads.push({ at: now, bytes });
  }

  /** How many bytes a read of the whole may take now; 0: it isn't worth a try. */
  allowance(now: number): number {
    const lasting = this.#reads.filter(({ at }) => at > now - LASTING_MS);
    if (lasting.length < this.#unheeded) return 0;
    const spent = lasting.reduce((sum, { bytes }) => sum + bytes, 0);
    const allowed = Math.max(spent * TIMES_SPENT, LEAST_BYTES);
    return now < this.#larger.until && allowed <= this.#larger.than * 2 ? 0 : allowed;
  }

  /** Tells that the whole takes more than `bytes`. */
  isLarger(now: number, bytes: number): void {
    this.#larger = { than: bytes, until: now + LARGER_MS };
  }
}
