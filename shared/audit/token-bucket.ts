/** Rate limiter: `qps` tokens a second on average, and up to `burst` at once. */
export class TokenBucket {
  readonly #qps: number;
  readonly #burst: number;
  readonly #now: () => number;
  /** Tokens at `#at`; negative: the number of waiters. */
  #tokens: number;
  #at: number;
  /** Number of `open` calls without `close`. */
  #openings = 0;
  readonly #waiting = new Set<() => void>();

  constructor({ qps, burst }: { readonly qps: number; readonly burst: number }, now = Date.now) {
    this.#qps = qps;
    this.#burst = burst;
    this.#now = now;
    this.#tokens = burst;
    this.#at = now();
  }

  /** Resolves when the caller may proceed. */
  async take(): Promise<void> {
    const now = this.#now();
    this.#tokens = Math.min(this.#burst, this.#tokens + ((now - this.#at) / 1000) * this.#qps) - 1;
    this.#at = now;
    if (this.#tokens >= 0 || this.#openings > 0) return;
    const delayMs = (-this.#tokens / this.#qps) * 1000;
    await new Promise<void>((resolve) => {
      const go = () => {
        clearTimeout(timer);
        this.#waiting.delete(go);
        resolve();
      };
      const timer = setTimeout(go, delayMs);
      timer.unref();
      this.#waiting.add(go);
    });
  }

  /** Releases all waiters, and admits new callers at once until `close`. */
  open(): void {
    this.#openings++;
    for (const go of [...this.#waiting]) go();
  }

  close(): void {
    this.#openings--;
  }
}
