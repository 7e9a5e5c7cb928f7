/**
 * Whose request a process of many tenants begins next. Processor time is what they share: so many are worked on at once,
 * and those that wait come in turns by tenant, not in the order they came. What takes long waits for somebody else, and
 * then holds up nobody.
 */

export interface FairTurnsOptions {
  /** Worked on at once. */
  readonly atOnce: number;
  /** Of one tenant, so that others need not wait for it to end. */
  readonly atOnceOfOne: number;
  /** Milliseconds after which one no longer counts. */
  readonly countedMs: number;
}

interface Line {
  readonly waiting: (() => void)[];
  running: number;
}

export class FairTurns {
  readonly #options: FairTurnsOptions;
  /** By tenant; the one whose turn is next first. */
  readonly #lines = new Map<string, Line>();
  #running = 0;

  constructor(options: FairTurnsOptions) {
    this.#options = options;
  }

  /** Resolves when it is the request's turn, with what ends it. */
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
    return this.#running < this.#options.atOnce && line.running < this.#options.atOnceOfOne;
  }

  #begin(line: Line): void {
    line.running++;
    this.#running++;
  }

  #next(): void {
    for (const [tenant, line] of this.#lines) {
      if (this.#running >= this.#options.atOnce) return;
      if (line.waiting.length === 0 || !this.#hasRoom(line)) continue;
      // Its next one comes after one of each of the others.
      this.#lines.delete(tenant);
      this.#lines.set(tenant, line);
      this.#begin(line);
      line.waiting.shift()!();
    }
  }
}
