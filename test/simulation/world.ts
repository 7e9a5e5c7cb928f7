/** Virtual time and the simulated processes: only scheduled events occur, one at a time. */

import type { Clock } from '../../shared/util/clock.ts';
import type { Random } from './random.ts';

interface Scheduled {
  readonly at: number;
  readonly order: number;
  readonly run: () => void;
}

export class World {
  readonly random: Random;
  /** Milliseconds since the epoch, true time. */
  now = Date.UTC(2026, 0, 1);
  #queue: Scheduled[] = [];

  constructor(random: Random) {
    this.random = random;
  }

  /** Runs `run` at `at`; events at the same time run in a random order. */
  schedule(at: number, run: () => void): void {
    const item = { at: Math.max(at, this.now), order: this.random.next(), run };
    let index = this.#queue.length;
    this.#queue.push(item);
    // A binary heap with the next event first.
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (!before(item, this.#queue[parent]!)) break;
      this.#queue[index] = this.#queue[parent]!;
      index = parent;
    }
    this.#queue[index] = item;
  }

  /** Runs until `done`, until the time `until`, or until no events are left. */
  async run({
    until,
    done = () => false,
  }: {
    readonly until: number;
    readonly done?: () => boolean;
  }): Promise<void> {
    await settle();
    while (!done() && this.#queue.length > 0 && this.#queue[0]!.at <= until) {
      const { at, run } = this.#take();
      this.now = Math.max(this.now, at);
      run();
      await settle();
    }
    if (!done() && until !== Number.POSITIVE_INFINITY) this.now = Math.max(this.now, until);
  }

  #take(): Scheduled {
    const first = this.#queue[0]!;
    const last = this.#queue.pop()!;
    if (this.#queue.length === 0) return first;
    let index = 0;
    for (;;) {
      let child = 2 * index + 1;
      if (child >= this.#queue.length) break;
      if (child + 1 < this.#queue.length && before(this.#queue[child + 1]!, this.#queue[child]!)) child++;
      if (!before(this.#queue[child]!, last)) break;
      this.#queue[index] = this.#queue[child]!;
      index = child;
    }
    this.#queue[index] = last;
    return first;
  }
}

const before = (a: Scheduled, b: Scheduled) => a.at < b.at || (a.at === b.at && a.order < b.order);

/** Runs everything that does not wait for time to pass. */
const settle = () => new Promise<void>((resolve) => setImmediate(resolve));

/** A process: its clock is skewed, it may freeze for a while, and it may die at any moment. */
export class SimulatedProcess {
  readonly name: string;
  readonly world: World;
  /** Milliseconds by which its clock is ahead. */
  readonly skewMs: number;
  readonly clock: Clock;
  alive = true;
  #frozenUntil = 0;
  /** Time spent frozen, which a monotonic clock does not count. */
  #frozen = 0;

  constructor(world: World, name: string, skewMs: number) {
    this.world = world;
    this.name = name;
    this.skewMs = skewMs;
    this.clock = {
      now: () => Math.floor(world.now + skewMs),
      monotonic: () => world.now - this.#frozen,
      random: () => world.random.next(),
      sleep: (ms, signal) =>
        new Promise((resolve) => {
          if (signal?.aborted) return resolve();
          const wake = () => {
            signal?.removeEventListener('abort', abort);
            resolve();
          };
          const abort = () => this.resume(world.now, wake);
          signal?.addEventListener('abort', abort);
          this.resume(world.now + ms, wake);
        }),
    };
  }

  /** Runs `run` in this process at `at`, or once it is no longer frozen; never if it has died. */
  resume(at: number, run: () => void): void {
    this.world.schedule(at, () => {
      if (!this.alive) return;
      if (this.#frozenUntil > this.world.now) this.resume(this.#frozenUntil, run);
      else run();
    });
  }

  freeze(ms: number): void {
    const until = this.world.now + ms;
    if (until <= this.#frozenUntil) return;
    this.#frozen += until - Math.max(this.#frozenUntil, this.world.now);
    this.#frozenUntil = until;
  }

  crash(): void {
    this.alive = false;
  }
}
