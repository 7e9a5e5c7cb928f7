import type { MetricsRegistry } from '../../metrics/metrics-registry.ts';
import type { ApiResponse } from '../../request/api-request.ts';
import { formatGroupResource, type GroupResource } from '../../runtime/group-version.ts';
import type { StorageFactory } from '../../storage/storage.ts';
import type { RequestHandler } from '../routing/handler.ts';
import { PLATFORM, VERSION } from '../routing/version.ts';

const CONTENT_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

/** `/metrics`: what the server counts, and what its process tells, whose library is loaded when somebody asks. */
export function serveMetrics(registry: MetricsRegistry): RequestHandler {
  let ofProcess: Promise<() => Promise<string>> | undefined;
  return async () => {
    ofProcess ??= import('./process-metrics.ts').then(({ processMetrics }) => processMetrics());
    return metricsText(`${registry.text()}${await (await ofProcess)()}`);
  };
}

/** `/metrics/slis`: the families of a registry alone. */
export function serveRegistry(registry: MetricsRegistry): RequestHandler {
  return async () => metricsText(registry.text());
}

function metricsText(text: string): ApiResponse {
  return { status: 200, headers: { 'content-type': CONTENT_TYPE }, body: Buffer.from(text) };
}

/** The release that is served. */
export function versionMetrics(registry: MetricsRegistry): void {
  const { major, minor, gitVersion } = VERSION;
  registry
    .gauge({
      name: 'kubernetes_build_info',
      help: '[BETA] The release whose API is served.',
      labels: ['git_version', 'major', 'minor', 'platform'],
    })
    .set([gitVersion, major, minor, PLATFORM], 1);
}

/** Objects of resources in memory: a count must not cost a read of all there is. */
export function objectMetrics(
  registry: MetricsRegistry,
  storage: Pick<StorageFactory, 'objectCounts'>,
  resourceOf: (prefix: string) => GroupResource,
): void {
  const byGroup = registry.gauge({
    name: 'apiserver_resource_objects',
    help: '[ALPHA] Stored objects of the resources that this process holds in memory.',
    labels: ['group', 'resource'],
  });
  const byName = registry.gauge({
    name: 'apiserver_storage_objects',
    help: '[STABLE] The same, under its name before 1.34.',
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
