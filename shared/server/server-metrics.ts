/** All metric families of a control plane, in one registry. */

import { AdmissionMetrics } from '../admission/admission-metrics.ts';
import { AuditMetrics } from '../audit/audit-metrics.ts';
import { ServiceAccountTokenMetrics } from '../authn/serviceaccount/token-metrics.ts';
import { AvailabilityMetrics } from '../controllers/apiservice/availability-metrics.ts';
import { lastNames } from '../controllers/observed-storage.ts';
import { AccessMetrics } from '../endpoints/metrics/access-metrics.ts';
import { RequestMetrics } from '../endpoints/metrics/request-metrics.ts';
import { objectMetrics, versionMetrics } from '../endpoints/metrics/serve-metrics.ts';
import { WatchMetrics } from '../endpoints/metrics/watch-metrics.ts';
import { MetricsRegistry } from '../metrics/metrics-registry.ts';
import { ReloadMetrics } from '../metrics/reload-metrics.ts';
import { measureStorage } from '../storage/measured-storage.ts';
import type { StorageFactory } from '../storage/storage.ts';
import type { TableUsageCounter } from '../storage/table-usage.ts';
import type { ServerDependencies } from './generic-config.ts';
import type { CompletedOptions } from './options/completed-options.ts';
import { featureEnabled, featureStages } from './options/feature-gates.ts';

export interface ServerMetrics {
  readonly registry: MetricsRegistry;
  readonly requests: RequestMetrics;
  readonly access: AccessMetrics;
  readonly admission: AdmissionMetrics;
  readonly watches: WatchMetrics;
  readonly audit: AuditMetrics;
  readonly availability: AvailabilityMetrics;
  readonly tokens: ServiceAccountTokenMetrics;
  readonly reloads: ReloadMetrics;
  /** Whether the process serves other control planes: its memory and time would tell of theirs. */
  readonly sharesProcess: boolean;
  /** The host's factory, which counts its operations. */
  readonly storageFactory: StorageFactory;
}

interface MetricsDependencies
  extends Pick<ServerDependencies, 'storageFactory' | 'tableUsage' | 'sharesTable'> {
  /** Allowed label values, keyed by `family,label`. */
  readonly allowedLabels: ReadonlyMap<string, string>;
}

export function serverMetrics(
  options: CompletedOptions,
  { storageFactory: factory, allowedLabels, tableUsage, sharesTable = false }: MetricsDependencies,
): ServerMetrics {
  const { disabledMetrics: disabled } = options;
  const registry = new MetricsRegistry({ disabled, allowedLabels });
  const storageFactory = measureStorage(factory, registry, lastNames);
  versionMetrics(registry);
  objectMetrics(registry, storageFactory, lastNames);
  featureMetrics(registry, options);
  if (tableUsage !== undefined && !sharesTable) tableMetrics(registry, tableUsage);
  return {
    registry,
    sharesProcess: sharesTable,
    storageFactory,
    requests: new RequestMetrics(registry),
    access: new AccessMetrics(registry),
    admission: new AdmissionMetrics(registry),
    watches: new WatchMetrics(registry),
    audit: new AuditMetrics(registry),
    availability: new AvailabilityMetrics(registry),
    tokens: new ServiceAccountTokenMetrics(registry),
    reloads: new ReloadMetrics(registry),
  };
}

/** DynamoDB requests and consumed capacity. */
function tableMetrics(registry: MetricsRegistry, usage: TableUsageCounter): void {
  const calls = registry.counter({
    name: 'zeroplane_dynamodb_requests_total',
    labels: ['purpose'],
  });
  const units = registry.counter({
    name: 'zeroplane_dynamodb_request_units_total',
    labels: ['type'],
  });
  registry.onCollect(() => {
    for (const [purpose, count] of usage.callsByPurpose) calls.set([purpose], count);
    units.set(['read'], usage.readUnits);
    units.set(['write'], usage.writeUnits);
  });
}

/** All feature gates with their values. */
function featureMetrics(registry: MetricsRegistry, options: CompletedOptions): void {
  const gauge = registry.gauge({
    name: 'kubernetes_feature_enabled',
    labels: ['name', 'stage'],
  });
  registry.onCollect(() => {
    for (const [name, stage] of featureStages(options)) {
      gauge.set([name, stage], featureEnabled(options, name) ? 1 : 0);
    }
  });
}
