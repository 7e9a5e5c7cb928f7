/** Paths that describe the server itself (upstream's `installAPI`, pkg/server/config.go). */

import { KUBERNETES_RELEASE } from '../apis/kubernetes-release.ts';
import type { DiscoverySource } from '../endpoints/discovery/discovery-source.ts';
import { HealthMetrics } from '../endpoints/healthz/health-metrics.ts';
import { installHealthz } from '../endpoints/healthz/healthz.ts';
import { PROCESS_STARTED, serveMetrics, serveRegistry } from '../endpoints/metrics/serve-metrics.ts';
import type { RequestHandler } from '../endpoints/routing/handler.ts';
import { serveIndex } from '../endpoints/routing/index-page.ts';
import { installOpenIDMetadata } from '../endpoints/routing/openid-metadata.ts';
import { PathMux } from '../endpoints/routing/path-mux.ts';
import { serveVersion, versionInfo } from '../endpoints/routing/version.ts';
import type { ZPage } from '../endpoints/zpages/zpage.ts';
import { effectiveVersion } from './emulation/effective-version.ts';
import type { GenericConfig } from './generic-config.ts';
import { healthChecks } from './health-checks.ts';
import type { Lifecycle } from './lifecycle.ts';
import { featureEnabled } from './options/feature-gates.ts';
import { flagTexts } from './options/parse-options.ts';

export interface ServedPaths {
  readonly discovery: DiscoverySource;
  /** The mux of the server that knows all groups. */
  readonly mux: PathMux;
}

export function genericRoutes(config: GenericConfig, lifecycle: Lifecycle, served: ServedPaths): PathMux {
  const { runtime, identity } = config;
  const { options, logger } = runtime;
  const mux = new PathMux();
  const metrics = new HealthMetrics();
  for (const [path, checks] of Object.entries(healthChecks(runtime, lifecycle))) {
    installHealthz(mux, path, checks, { logger, metrics });
  }
  const { emulation, minCompatibility } = effectiveVersion(options);
  const version = serveVersion(versionInfo(emulation, minCompatibility));
  mux.handleService('/version', version);
  mux.handle('/metrics', serveMetrics(runtime.metrics));
  mux.handle('/metrics/slis', serveRegistry(metrics.registry));
  const paths = () => indexPaths([mux, served.mux], served.discovery);
  for (const path of ['/', '/index.html']) mux.handleUnlisted(path, serveIndex(paths));
  installOpenIDMetadata(mux, identity.openIDMetadata);
  if (featureEnabled(options, 'ComponentFlagz')) {
    mux.handle(
      '/flagz',
      page(config, async () => {
        const { flagz } = await import('../endpoints/zpages/flagz.ts');
        return flagz(() => flagTexts(options));
      }),
    );
  }
  if (featureEnabled(options, 'ComponentStatusz')) {
    mux.handle(
      '/statusz',
      page(config, async () => {
        const { statusz } = await import('../endpoints/zpages/statusz.ts');
        return statusz({
          goVersion: KUBERNETES_RELEASE.go,
          binaryVersion: KUBERNETES_RELEASE.version.replace(/^v/, ''),
          emulationVersion: emulation,
          paths: () => mux.paths(),
          now: () => Date.now(),
          started: PROCESS_STARTED,
        });
      }),
    );
  }
  return mux;
}

/** Loads rarely used pages on first request. */
function page({ apis }: GenericConfig, make: () => Promise<ZPage>): RequestHandler {
  let handler: Promise<RequestHandler> | undefined;
  return async (context) => {
    handler ??= Promise.all([import('../endpoints/zpages/zpage.ts'), make()]).then(([{ serveZPage }, made]) =>
      serveZPage(made, apis.codecs),
    );
    return (await handler)(context);
  };
}

async function indexPaths(muxes: readonly PathMux[], discovery: DiscoverySource): Promise<string[]> {
  const groups = await discovery.groups();
  const paths = groups.flatMap(({ name, versions }) => {
    const root = name === '' ? '/api' : `/apis/${name}`;
    return [root, ...versions.map(({ version }) => `${root}/${version}`)];
  });
  return [...paths, ...muxes.flatMap((mux) => mux.paths())];
}
