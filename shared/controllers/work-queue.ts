import { lowest } from '../util/extremes.ts';

/**
 * A queue of keys: each is queued at most once, processed by at most one worker at a time, and retried with growing
 * delays.
 */

const FIRST_DELAY_MS = 50;
const LAST_DELAY_MS = 60_000;

/** Observes a queue's keys; times in seconds. */
export interface WorkQueueObserver {
  added(): void;
  /** `waited`: time in the queue. */
  began(waited: number): void;
  ended(took: number): void;
  /** A key was delayed, after a failure or for a later sync. */
  putOff(): void;
}

export interface WorkQueueOptions {
  readonly workers: number;
  readonly work: (key: string) => Promise<number | undefined>;
  readonly onError: (key: string, error: unknown) => void;
  readonly observer?: WorkQueueObserver | undefined;
}

export class WorkQueue {
  readonly #options: WorkQueueOptions;
  /** Waiting keys in order, with the time since when they wait. */
  readonly #waiting = new Map<string, number>();
  readonly #running = new Map<string, Promise<void>>();
  /** Start of each running key's turn. */
  readonly #begun = new Map<string, number>();
  /** Keys that were queued again while they are running. */
  readonly #dirty = new Set<string>();
  readonly #failures = new Map<string, number>();
  readonly #timers = new Map<string, { readonly timer: NodeJS.Timeout; readonly at: number }>();
  #isStopped = false;

  constructor(options: WorkQueueOptions) {
    this.#options = options;
  }

  add(key: string): void {
    if (this.#isStopped) return;
    if (this.#running.has(key)) this.#dirty.add(key);
    else this.#wait(key);
    this.#next();
  }

  #wait(key: string): void {
    if (this.#waiting.has(key)) return;
    this.#waiting.set(key, performance.now());
    this.#options.observer?.added();
  }

  addAfter(key: string, milliseconds: number): void {
    if (this.#isStopped) return;
    this.#options.observer?.putOff();
    clearTimeout(this.#timers.get(key)?.timer);
    const timer = setTimeout(() => {
      this.#timers.delete(key);
      this.add(key);
    }, milliseconds);
    timer.unref();
    this.#timers.set(key, { timer, at: performance.now() + milliseconds });
  }

  /** Milliseconds until the first delayed key is due; undefined: there is none. */
  get nextIn(): number | undefined {
    const next = lowest([...this.#timers.values()].map(({ at }) => at));
    return Number.isFinite(next) ? Math.max(0, next - performance.now()) : undefined;
  }

  /** Number of keys that wait for a worker. */
  get depth(): number {
    return this.#waiting.size;
  }

  /** Seconds that workers have spent on their current keys. */
  get unfinished(): readonly number[] {
    return [...this.#begun.values()].map(secondsSince);
  }

  /** Keys whose last turn failed. */
  get failing(): Iterable<string> {
    return this.#failures.keys();
  }

  /** Resolves when no key waits or runs. Delayed keys don't count. */
  async idle(): Promise<void> {
    while (this.#running.size > 0 || this.#waiting.size > 0) await Promise.all(this.#running.values());
  }

  /** Stops starting work, and waits for running keys. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#waiting.clear();
    for (const { timer } of this.#timers.values()) clearTimeout(timer);
    await Promise.all(this.#running.values());
  }

  #next(): void {
    for (const [key, since] of this.#waiting) {
      if (this.#running.size >= this.#options.workers) return;
      this.#waiting.delete(key);
      this.#options.observer?.began(secondsSince(since));
      this.#begun.set(key, performance.now());
      this.#running.set(key, this.#run(key));
    }
  }

  async #run(key: string): Promise<void> {
    // Waits a turn of the event loop, since one request may cause a burst of changes.
    await new Promise(setImmediate);
    this.#dirty.delete(key);
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
    this.#options.observer?.ended(secondsSince(this.#begun.get(key)!));
    this.#begun.delete(key);
    this.#running.delete(key);
    if (this.#dirty.delete(key) && !this.#isStopped) this.#wait(key);
    this.#next();
  }
}

const secondsSince = (moment: number): number => (performance.now() - moment) / 1000;
