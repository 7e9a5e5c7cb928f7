/**
 * Fair queuing of requests among the tenants of one process. Processor time is the shared resource, so the number of
 * running requests is bounded, and waiting requests are started round-robin by tenant rather than in order of arrival.
 * A request that runs for long is assumed to be waiting for I/O, and stops counting.
 */

export interface FairQueueOptions {
  /** Maximum number of requests running at once. */
  readonly maxRunning: number;
  /** Maximum per tenant, so that other tenants need not wait for its requests to end. */
  readonly maxRunningPerTenant: number;
  /** Milliseconds after which a running request no longer counts. */
  readonly countedMs: number;
}

interface Line {
  readonly waiting: (() => void)[];
  running: number;
}

export class FairQueue {
  readonly #options: FairQueueOptions;
  /** By tenant, in round-robin order: the next tenant first. */
  readonly #lines = new Map<string, Line>();
  #running = 0;

  constructor(options: FairQueueOptions) {
    this.#options = options;
  }

  /** Resolves when the request may start, with a function that ends its turn. */
  async take(tenant: string): Promise<() => void> {
    const line = this.#lines.get(tenant) ?? { waiting: [], running: 0 };
    this.#lines.set(tenant, line);
    if (line.waiting.length > 0 || !this.#hasRoom(line)) {
      await new Promise<void>((resolve) => {
        line.waiting.push(resolve);
      });
    } else this.#begin(line);
    let isOver = false;
    const end = (): void => {
      if (isOver) return;
      isOver = true;
      clearTimeout(timer);
      line.running--;
      this.#running--;
      this.#next();
      if (line.running === 0 && line.waiting.length === 0 && this.#lines.get(tenant) === line)
        this.#lines.delete(tenant);
    };
    const timer = setTimeout(end, this.#options.countedMs);
    timer.unref();
    return end;
  }

  #hasRoom(line: Line): boolean {
    return this.#running < this.#options.maxRunning && line.running < this.#options.maxRunningPerTenant;
  }

  #begin(line: Line): void {
    line.running++;
    this.#running++;
  }

  #next(): void {
    for (const [tenant, line] of this.#lines) {
      if (this.#running >= this.#options.maxRunning) return;
      if (line.waiting.length === 0 || !this.#hasRoom(line)) continue;
      // Moves the tenant to the end, behind all the others.
      this.#lines.delete(tenant);
      this.#lines.set(tenant, line);
      this.#begin(line);
      line.waiting.shift()!();
    }
  }
}
