/** Watch metrics (https://github.com/kubernetes/apiserver/blob/master/pkg/endpoints/metrics/metrics.go). */

import { exponentialBuckets } from '../../metrics/buckets.ts';
import type { Counter, Histogram, MetricsRegistry } from '../../metrics/metrics-registry.ts';
import type { GroupVersionResource } from '../../runtime/group-version.ts';

const LABELS = ['group', 'resource', 'version'];

export class WatchMetrics {
  readonly #events: Counter;
  readonly #sizes: Histogram;

  constructor(registry: MetricsRegistry) {
    this.#events = registry.counter({
      name: 'apiserver_watch_events_total',
      labels: LABELS,
    });
    this.#sizes = registry.histogram({
      name: 'apiserver_watch_events_sizes',
      labels: LABELS,
      buckets: exponentialBuckets(1024, 2, 8),
    });
  }

  /**
   * Returns a function to call with the size of each event that a watch of the resource sends, in bytes, frame
   * included.
   */
  sender({ group, version, resource }: GroupVersionResource): (bytes: number) => void {
    const labels = [group, resource, version];
    const count = this.#events.adder(labels);
    const observe = this.#sizes.observer(labels);
    return (bytes) => {
      count();
      observe(bytes);
    };
  }
}
