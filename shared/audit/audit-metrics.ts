/** Metrics of audited requests (https://github.com/kubernetes/apiserver/blob/master/pkg/audit/metrics.go). */

import type { Counter, MetricsRegistry } from '../metrics/metrics-registry.ts';
import type { AuditBackend } from './backend.ts';
import type { AuditEvent } from './event.ts';

export class AuditMetrics {
  readonly #events: Counter;
  readonly #levels: Counter;
  readonly #rejected: Counter;

  constructor(registry: MetricsRegistry) {
    this.#events = registry.counter({ name: 'apiserver_audit_event_total', labels: [] });
    this.#levels = registry.counter({ name: 'apiserver_audit_level_total', labels: ['level'] });
    this.#rejected = registry.counter({ name: 'apiserver_audit_requests_rejected_total', labels: [] });
    for (const counter of [this.#events, this.#rejected]) counter.add([], 0);
  }

  /** Counts a request by its audit level. */
  level(level: AuditEvent['level']): void {
    this.#levels.add([level]);
  }

  /** Counts a request whose events can't be stored. */
  rejected(): void {
    this.#rejected.add([]);
  }

  events(count: number): void {
    this.#events.add([], count);
  }
}

/** Counts events passed to a backend. */
export class CountingAuditBackend implements AuditBackend {
  readonly #delegate: AuditBackend;
  readonly #metrics: AuditMetrics;

  constructor(delegate: AuditBackend, metrics: AuditMetrics) {
    this.#delegate = delegate;
    this.#metrics = metrics;
  }

  processEvents(events: readonly AuditEvent[]): Promise<boolean> {
    this.#metrics.events(events.length);
    return this.#delegate.processEvents(events);
  }

  flush(): Promise<void> {
    return this.#delegate.flush();
  }

  close(): Promise<void> {
    return this.#delegate.close();
  }
}
