import type { Counter, Gauge, MetricsRegistry } from '../../metrics/metrics-registry.ts';

/**
 * Which remote APIServices are unavailable
 * (https://github.com/kubernetes/kube-aggregator/blob/master/pkg/controllers/status/metrics/metrics.go).
 */
export class AvailabilityMetrics {
  readonly #unavailable: Gauge;
  readonly #outages: Counter;

  constructor(registry: MetricsRegistry) {
    this.#unavailable = registry.gauge({ name: 'aggregator_unavailable_apiservice', labels: ['name'] });
    this.#outages = registry.counter({
      name: 'aggregator_unavailable_apiservice_total',
      labels: ['name', 'reason'],
    });
  }

  checked(name: string, isAvailable: boolean): void {
    this.#unavailable.set([name], isAvailable ? 0 : 1);
  }

  /** It was available before. */
  becameUnavailable(name: string, reason: string): void {
    this.#outages.add([name, reason]);
  }

  gone(name: string): void {
    this.#unavailable.delete([name]);
  }
}
