/**
 * Metrics of a process's work queues
 * (https://github.com/kubernetes/component-base/tree/master/metrics/prometheus/workqueue).
 */

import { exponentialBuckets } from '../metrics/buckets.ts';
import type { MetricsRegistry } from '../metrics/metrics-registry.ts';
import { highest } from '../util/extremes.ts';
import type { WorkQueue, WorkQueueObserver } from './work-queue.ts';

const labels = ['name'];
const buckets = exponentialBuckets(1e-8, 10, 10);

export class QueueMetrics {
  readonly #queues = new Map<string, WorkQueue>();
  readonly #families;

  constructor(registry: MetricsRegistry) {
    this.#families = {
      adds: registry.counter({
        name: 'workqueue_adds_total',
        labels,
      }),
      retries: registry.counter({
        name: 'workqueue_retries_total',
        labels,
      }),
      waited: registry.histogram({
        name: 'workqueue_queue_duration_seconds',
        labels,
        buckets,
      }),
      worked: registry.histogram({
        name: 'workqueue_work_duration_seconds',
        labels,
        buckets,
      }),
    };
    const depth = registry.gauge({
      name: 'workqueue_depth',
      labels,
    });
    const unfinished = registry.gauge({
      name: 'workqueue_unfinished_work_seconds',
      labels,
    });
    const longest = registry.gauge({
      name: 'workqueue_longest_running_processor_seconds',
      labels,
    });
    registry.onCollect(() => {
      for (const [name, queue] of this.#queues) {
        depth.set([name], queue.depth);
        unfinished.set(
          [name],
          queue.unfinished.reduce((sum, seconds) => sum + seconds, 0),
        );
        longest.set([name], highest(queue.unfinished, 0));
      }
    });
  }

  /** The observer for the queue of this name, which must be `follow`ed too. */
  observerOf(name: string): WorkQueueObserver {
    const { adds, retries, waited, worked } = this.#families;
    const values = [name];
    return {
      added: () => adds.add(values),
      began: (seconds) => waited.observe(values, seconds),
      ended: (seconds) => worked.observe(values, seconds),
      putOff: () => retries.add(values),
    };
  }

  follow(name: string, queue: WorkQueue): void {
    this.#queues.set(name, queue);
  }
}
