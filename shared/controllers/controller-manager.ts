/** Runs a set of controllers on the changes passed to it. */

import { setTimeout as sleep } from 'node:timers/promises';
import { lowest } from '../util/extremes.ts';
import { Holder, Turn, takeTurn } from '../util/turns.ts';
import type { Change, Controller } from './controller.ts';
import type { QueueMetrics } from './queue-metrics.ts';
import { WorkQueue } from './work-queue.ts';

/** Called after each turn, successful or not. */
export type OnTurn = (controller: string, key: string, milliseconds: number) => void;

export interface ControllerManagerOptions {
  readonly controllers?: readonly Controller[];
  /** Called for failures, which are retried. */
  readonly onError?: (controller: string, key: string, error: unknown) => void;
  readonly onTurn?: OnTurn | undefined;
  readonly metrics?: QueueMetrics | undefined;
}

const WORKERS = 4;

export class ControllerManager {
  readonly #onError: NonNullable<ControllerManagerOptions['onError']>;
  readonly #queues = new Map<Controller, WorkQueue>();
  readonly #onTurn: OnTurn | undefined;
  readonly #metrics: QueueMetrics | undefined;
  #isStopped = false;

  constructor({ controllers = [], onError = () => undefined, onTurn, metrics }: ControllerManagerOptions) {
    this.#onError = onError;
    this.#onTurn = onTurn;
    this.#metrics = metrics;
    this.add(controllers);
  }

  /** Starts passing changes to the controllers; `resync` covers earlier ones. */
  add(controllers: readonly Controller[]): void {
    for (const controller of controllers) {
      const party = new Holder();
      const queue = new WorkQueue({
        workers: controller.workers ?? WORKERS,
        work: (key) => {
          takeTurn(new Turn(party));
          return this.#turn(controller, key);
        },
        onError: (key, error) => this.#onError(controller.name, key, error),
        observer: this.#metrics?.observerOf(controller.name),
      });
      this.#metrics?.follow(controller.name, queue);
      this.#queues.set(controller, queue);
    }
  }

  async #turn(controller: Controller, key: string): Promise<number | undefined> {
    const begin = performance.now();
    try {
      return await controller.reconcile(key);
    } finally {
      this.#onTurn?.(controller.name, key, performance.now() - begin);
    }
  }

  /** Queues the keys that a change concerns. Never throws: a change that can't be read concerns no controller. */
  observe(change: Change): void {
    for (const [controller, queue] of this.#queues) {
      for (const key of controller.keysFor(change)) queue.add(key);
    }
  }

  /** Like `observe`, for a deletion reported late, of which perhaps only the name is known. */
  async observeEnd(change: Change): Promise<void> {
    this.observe(change);
    for (const [controller, queue] of this.#queues) {
      try {
        for (const key of (await controller.keysAfterEnd?.(change)) ?? []) queue.add(key);
      } catch (error) {
        this.#onError(controller.name, '*', error);
      }
    }
  }

  /** Queues all keys, for changes that were missed. `which`: by default all controllers. */
  async resync(which: (controller: Controller) => boolean = () => true): Promise<void> {
    for (const [controller, queue] of this.#queues) {
      if (this.#isStopped) return;
      if (!which(controller)) continue;
      try {
        for (const key of await controller.allKeys()) queue.add(key);
      } catch (error) {
        this.#onError(controller.name, '*', error);
      }
    }
  }

  /**
   * Resolves when there is nothing to do now, such as at the end of an invocation. Controllers may trigger each other.
   */
  async idle(): Promise<void> {
    for (let round = 0; round < this.#queues.size; round++) {
      await Promise.all([...this.#queues.values()].map((queue) => queue.idle()));
    }
  }

  /** Like `idle`, but also waits for retries due within `patienceMs` from now: for hosts that don't run later. */
  async settle(patienceMs: number): Promise<void> {
    const until = performance.now() + patienceMs;
    for (;;) {
      await this.idle();
      const wait = this.nextIn ?? Number.POSITIVE_INFINITY;
      if (!(performance.now() + wait <= until)) return;
      // One more millisecond, so that the queue's own timer fires first.
      await sleep(wait + 1);
    }
  }

  /** Milliseconds until the first delayed key is due; undefined: there is none. */
  get nextIn(): number | undefined {
    const waits = [...this.#queues.values()].flatMap(({ nextIn }) => nextIn ?? []);
    return waits.length === 0 ? undefined : lowest(waits);
  }

  /** Like `nextIn`, for keys with actual work then: failures, and changes caused by time alone. */
  get dueIn(): number | undefined {
    const waits = [...this.#queues].flatMap(([{ looksAgainAnyway = false }, { nextIn, failing }]) =>
      looksAgainAnyway && [...failing].length === 0 ? [] : (nextIn ?? []),
    );
    return waits.length === 0 ? undefined : lowest(waits);
  }

  /** Whether the last turn of a key failed. */
  isFailing(controller: string, key: string): boolean {
    return [...this.#queues].some(
      ([{ name }, queue]) => name === controller && [...queue.failing].includes(key),
    );
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    await Promise.all([...this.#queues.values()].map((queue) => queue.stop()));
  }
}
