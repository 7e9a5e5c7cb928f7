import type { MetricsRegistry } from '../../metrics/metrics-registry.ts';
import type { ApiResponse } from '../../request/api-request.ts';
import { formatGroupResource, type GroupResource } from '../../runtime/group-version.ts';
import type { StorageFactory } from '../../storage/storage.ts';
import { once } from '../../util/once.ts';
import { plainText } from '../codec/response-writers.ts';
import type { RequestHandler } from '../routing/handler.ts';
import { BUILD } from '../routing/version.ts';

const CONTENT_TYPE = 'text/plain; version=0.0.4; charset=utf-8; escaping=underscores';
/** When the process began, in milliseconds since 1970: what was counted before is forgotten. */
export const PROCESS_STARTED = Date.now() - process.uptime() * 1000;

/** `/metrics`: what the server counts, and what its process tells, whose library is loaded when somebody asks. */
export function serveMetrics(registry: MetricsRegistry): RequestHandler {
  const ofProcess = once(async () => (await import('./process-metrics.ts')).processMetrics());
  return resettable(registry, async () => `${await familiesOf(registry)}${await (await ofProcess())()}`);
}

/** `/metrics/slis`: the families of a registry alone. */
export function serveRegistry(registry: MetricsRegistry): RequestHandler {
  return resettable(registry, () => familiesOf(registry));
}

/**
 * Any request reads, but DELETE, which has what is counted begin anew
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

/** The release that is served. */
export function versionMetrics(registry: MetricsRegistry): void {
  const info = BUILD_FIELDS.map((field) => BUILD[field]);
  const labels = BUILD_FIELDS.map((field) => field.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`));
  registry.gauge({ name: 'kubernetes_build_info', labels }).set(info, 1);
}

/** Objects of resources in memory: a count must not cost a read of all there is. */
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
