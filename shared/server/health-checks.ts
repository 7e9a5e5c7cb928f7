/** The checks of `/healthz`, `/livez` and `/readyz`, with upstream's names and order. */

import type { HealthChecker } from '../endpoints/healthz/healthz.ts';
import type { Lifecycle } from './lifecycle.ts';
import { featureEnabled } from './options/feature-gates.ts';
import type { Runtime } from './runtime.ts';

/**
 * kube-apiserver's startup hooks, in order. Those that are steps of the lifecycle succeed once they are done. The
 * others start informers and controllers upstream; here requests load what they need themselves, so these checks
 * succeed as soon as the server answers.
 */
const HOOKS: readonly string[] = [
  'poststarthook/start-apiserver-admission-initializer',
  'poststarthook/generic-apiserver-start-informers',
  'poststarthook/priority-and-fairness-config-consumer',
  'poststarthook/priority-and-fairness-filter',
  'poststarthook/storage-object-count-tracker-hook',
  'poststarthook/start-apiextensions-informers',
  'poststarthook/start-apiextensions-controllers',
  'poststarthook/crd-informer-synced',
  'poststarthook/start-system-namespaces-controller',
  'poststarthook/peer-endpoint-reconciler-controller',
  'poststarthook/start-cluster-authentication-info-controller',
  'poststarthook/start-kube-apiserver-identity-lease-controller',
  'poststarthook/start-kube-apiserver-identity-lease-garbage-collector',
  'poststarthook/storage-readiness',
  'poststarthook/start-legacy-token-tracking-controller',
  'poststarthook/start-service-ip-repair-controllers',
  'poststarthook/rbac/bootstrap-roles',
  'poststarthook/scheduling/bootstrap-system-priority-classes',
  'poststarthook/priority-and-fairness-config-producer',
  'poststarthook/bootstrap-controller',
  'poststarthook/start-kubernetes-service-cidr-controller',
  'poststarthook/start-kube-aggregator-informers',
  'poststarthook/apiservice-status-local-available-controller',
  'poststarthook/apiservice-status-remote-available-controller',
  'poststarthook/apiservice-registration-controller',
  'poststarthook/apiservice-discovery-controller',
  'poststarthook/kube-apiserver-autoregistration',
  'autoregister-completion',
  'poststarthook/apiservice-openapi-controller',
  'poststarthook/apiservice-openapiv3-controller',
];

/** Feature gates of hooks, for those that depend on one. */
const GATED: Readonly<Record<string, string>> = {
  'poststarthook/peer-endpoint-reconciler-controller': 'UnknownVersionInteroperabilityProxy',
  'poststarthook/start-kube-apiserver-identity-lease-controller': 'APIServerIdentity',
  'poststarthook/start-kube-apiserver-identity-lease-garbage-collector': 'APIServerIdentity',
  'poststarthook/storage-readiness': 'WatchCacheInitializationPostStartHook',
  'poststarthook/start-kubernetes-service-cidr-controller': 'MultiCIDRServiceAllocator',
};

/** Present on servers that create the bootstrap roles. */
const ROLES = 'poststarthook/rbac/bootstrap-roles';

const well = (name: string): HealthChecker => ({ name, check: async () => {} });

type Endpoint = '/healthz' | '/livez' | '/readyz';

export function healthChecks(
  { storageFactory, encryption, options }: Pick<Runtime, 'storageFactory' | 'encryption' | 'options'>,
  lifecycle: Lifecycle,
): Readonly<Record<Endpoint, readonly HealthChecker[]>> {
  const etcd: HealthChecker = { name: 'etcd', check: () => storageFactory.ready() };
  const basic = [well('ping'), well('log')];
  // Upstream checks its certificate for loopback connections; here loopback requests need no connection.
  const loopback = well('loopback-serving-certificate');
  const steps = new Map(lifecycle.checks().map((check) => [check.name, check]));
  const isThere = (name: string): boolean => {
    const gate = GATED[name];
    return (gate === undefined || featureEnabled(options, gate)) && (name !== ROLES || steps.has(name));
  };
  const hooks = HOOKS.filter(isThere).map((name) => steps.get(name) ?? well(name));
  return {
    '/healthz': [...basic, loopback, etcd, ...encryption.healthChecks, ...hooks],
    '/livez': [...basic, loopback, etcd, ...hooks],
    '/readyz': [
      ...basic,
      etcd,
      { ...etcd, name: 'etcd-readiness' },
      ...encryption.healthChecks,
      well('informer-sync'),
      ...hooks,
      lifecycle.shutdown,
    ],
  };
}
