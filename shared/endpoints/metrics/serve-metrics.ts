import type { MetricsRegistry } from '../../metrics/metrics-registry.ts';
import type { ApiResponse } from '../../request/api-request.ts';
import { formatGroupResource, type GroupResource } from '../../runtime/group-version.ts';
import type { StorageFactory } from '../../storage/storage.ts';
import { once } from '../../util/once.ts';
import { plainText } from '../codec/response-writers.ts';
import type { RequestHandler } from '../routing/handler.ts';
import { BUILD } from '../routing/version.ts';

const CONTENT_TYPE = 'text/plain; version=0.0.4; charset=utf-8; escaping=underscores';
/** Start of the process in milliseconds since 1970, when all counters were zero. */
export const PROCESS_STARTED = Date.now() - process.uptime() * 1000;

/**
 * `/metrics`: the metrics of the server and, unless other servers share it, of its process, whose library is loaded at the
 * first request.
 */
export function serveMetrics({
  registry,
  sharesProcess,
}: {
  readonly registry: MetricsRegistry;
  readonly sharesProcess: boolean;
}): RequestHandler {
  if (sharesProcess) return serveRegistry(registry);
  const ofProcess = once(async () => (await import('./process-metrics.ts')).processMetrics());
  return resettable(registry, async () => `${await familiesOf(registry)}${await (await ofProcess())()}`);
}

/** `/metrics/slis`: the metric families of one registry. */
export function serveRegistry(registry: MetricsRegistry): RequestHandler {
  return resettable(registry, () => familiesOf(registry));
}

/**
 * Every method reads except DELETE, which resets the metrics
 * (https://github.com/kubernetes/apiserver/blob/master/pkg/server/routes/metrics.go).
 */
function resettable(registry: MetricsRegistry, text: () => Promise<string>): RequestHandler {
  return async ({ request }) => {
    if (request.method !== 'DELETE') return metricsText(await text());
    registry.reset();
    return plainText(200, 'metrics reset\n');
  };
}

async function familiesOf(registry: MetricsRegistry): Promise<string> {
  const { HELP_TEXTS } = await import('../../metrics/help-texts.ts');
  return registry.text(HELP_TEXTS);
}

function metricsText(text: string): ApiResponse {
  const headers = {
    'content-type': CONTENT_TYPE,
    'process-start-time-unix': String(Math.floor(PROCESS_STARTED / 1000)),
  };
  return { status: 200, headers, body: Buffer.from(text) };
}

const BUILD_FIELDS = [
  'buildDate',
  'compiler',
  'gitCommit',
  'gitTreeState',
  'gitVersion',
  'goVersion',
  'major',
  'minor',
  'platform',
] as const;

/** Registers the metric of the build's version. */
export function versionMetrics(registry: MetricsRegistry): void {
  const info = BUILD_FIELDS.map((field) => BUILD[field]);
  const labels = BUILD_FIELDS.map((field) => field.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`));
  registry.gauge({ name: 'kubernetes_build_info', labels }).set(info, 1);
}

/** Registers object counts of resources held in memory; counting others would require reading them. */
export function objectMetrics(
  registry: MetricsRegistry,
  storage: Pick<StorageFactory, 'objectCounts'>,
  resourceOf: (prefix: string) => GroupResource,
): void {
  const byGroup = registry.gauge({
    name: 'apiserver_resource_objects',
    labels: ['group', 'resource'],
  });
  const byName = registry.gauge({
    name: 'apiserver_storage_objects',
    labels: ['resource'],
  });
  registry.onCollect(() => {
    for (const [prefix, count] of storage.objectCounts()) {
      const { group, resource } = resourceOf(prefix);
      byGroup.set([group, resource], count);
      byName.set([formatGroupResource({ group, resource })], count);
    }
  });
}
