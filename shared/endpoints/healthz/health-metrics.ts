import { type Counter, type Gauge, MetricsRegistry } from '../../metrics/metrics-registry.ts';

/**
 * `/metrics/slis`: the results of health checks, recorded at each request
 * (https://github.com/kubernetes/component-base/blob/master/metrics/prometheus/slis/metrics.go).
 */
export class HealthMetrics {
  readonly registry = new MetricsRegistry();
  readonly #last: Gauge;
  readonly #all: Counter;

  constructor() {
    this.#last = this.registry.gauge({
      name: 'kubernetes_healthcheck',
      labels: ['name', 'type'],
    });
    this.#all = this.registry.counter({
      name: 'kubernetes_healthchecks_total',
      labels: ['name', 'status', 'type'],
    });
  }

  /** `type` is `livez`, `readyz` or `healthz`. */
  observe({ name, type }: { readonly name: string; readonly type: string }, isWell: boolean): void {
    this.#last.set([name, type], isWell ? 1 : 0);
    this.#all.add([name, isWell ? 'success' : 'error', type]);
  }
}
