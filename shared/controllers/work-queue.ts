import { lowest } from '../util/extremes.ts';

/** Keys that wait for a worker: each at most once, never two workers on one key, failures with growing delays. */

const FIRST_DELAY_MS = 50;
const LAST_DELAY_MS = 60_000;

export interface WorkQueueOptions {
  readonly workers: number;
  readonly work: (key: string) => Promise<number | undefined>;
  readonly onError: (key: string, error: unknown) => void;
}

export class WorkQueue {
  readonly #options: WorkQueueOptions;
  /** Waiting keys in order; a Set keeps them once. */
  readonly #waiting = new Set<string>();
  readonly #running = new Map<string, Promise<void>>();
  /** Keys that came again while a worker was on them. */
  readonly #again = new Set<string>();
  readonly #failures = new Map<string, number>();
  readonly #timers = new Map<string, { readonly timer: NodeJS.Timeout; readonly at: number }>();
  #isStopped = false;

  constructor(options: WorkQueueOptions) {
    this.#options = options;
  }

  add(key: string): void {
    if (this.#isStopped) return;
    if (this.#running.has(key)) this.#again.add(key);
    else this.#waiting.add(key);
    this.#next();
  }

  addAfter(key: string, milliseconds: number): void {
    if (this.#isStopped) return;
    clearTimeout(this.#timers.get(key)?.timer);
    const timer = setTimeout(() => {
      this.#timers.delete(key);
      this.add(key);
    }, milliseconds);
    timer.unref();
    this.#timers.set(key, { timer, at: performance.now() + milliseconds });
  }

  /** Milliseconds until the first of the keys that were put off; undefined: there is none. */
  get nextIn(): number | undefined {
    const next = lowest([...this.#timers.values()].map(({ at }) => at));
    return Number.isFinite(next) ? Math.max(0, next - performance.now()) : undefined;
  }

  /** Keys whose last turn failed. */
  get failing(): Iterable<string> {
    return this.#failures.keys();
  }

  /** Resolves when no key waits or runs. Keys put off to a later time don't count. */
  async idle(): Promise<void> {
    while (this.#running.size > 0 || this.#waiting.size > 0) await Promise.all(this.#running.values());
  }

  /** Begins no more work and waits for what runs. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#waiting.clear();
    for (const { timer } of this.#timers.values()) clearTimeout(timer);
    await Promise.all(this.#running.values());
  }

  #next(): void {
    for (const key of this.#waiting) {
      if (this.#running.size >= this.#options.workers) return;
      this.#waiting.delete(key);
      this.#running.set(key, this.#run(key));
    }
  }

  async #run(key: string): Promise<void> {
    // A turn of the event loop: writes of one request come as one burst of changes.
    await new Promise(setImmediate);
    this.#again.delete(key);
    try {
      const again = await this.#options.work(key);
      this.#failures.delete(key);
      if (again !== undefined) this.addAfter(key, again);
    } catch (error) {
      this.#options.onError(key, error);
      const failures = this.#failures.get(key) ?? 0;
      this.#failures.set(key, failures + 1);
      this.addAfter(key, Math.min(FIRST_DELAY_MS * 2 ** failures, LAST_DELAY_MS));
    }
    this.#running.delete(key);
    if (this.#again.delete(key) && !this.#isStopped) this.#waiting.add(key);
    this.#next();
  }
}
