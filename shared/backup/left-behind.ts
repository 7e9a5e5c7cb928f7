/** Objects that are only meaningful in their own cluster, and so are not transferred. */

import type { RuntimeObject } from '../runtime/scheme.ts';

const OF_ITS_OWN = 'every control plane creates its own';
const OTHER_KEYS = 'it is signed with keys of the other cluster';

/** Resources that are only meaningful in their own cluster. */
const LEFT_RESOURCES: Readonly<Record<string, string>> = {
  events: 'events expire after an hour',
  'events.events.k8s.io': 'events expire after an hour',
  componentstatuses: OF_ITS_OWN,
};

/** The metadata of every object in a cluster, besides its kind and version. */
export interface Named extends RuntimeObject {
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
  };
}

type LeaveRule = (object: Named) => string | undefined;

const named =
  (namespace: string | undefined, name: string, reason: string): LeaveRule =>
  ({ metadata }) =>
    metadata.name === name && (namespace === undefined || metadata.namespace === namespace)
      ? reason
      : undefined;

/** Objects that are only meaningful in their own cluster, by resource. */
const LEFT_OBJECTS: Readonly<Record<string, readonly LeaveRule[]>> = {
  services: [named('default', 'kubernetes', OF_ITS_OWN)],
  endpoints: [named('default', 'kubernetes', OF_ITS_OWN)],
  'endpointslices.discovery.k8s.io': [named('default', 'kubernetes', OF_ITS_OWN)],
  configmaps: [
    named(undefined, 'kube-root-ca.crt', OF_ITS_OWN),
    named('kube-system', 'extension-apiserver-authentication', OF_ITS_OWN),
  ],
  secrets: [
    ({ type }: Named & { type?: string }) =>
      type === 'kubernetes.io/service-account-token' ? OTHER_KEYS : undefined,
  ],
  'apiservices.apiregistration.k8s.io': [
    ({ metadata }) =>
      metadata.labels?.['kube-aggregator.kubernetes.io/automanaged'] === undefined ? undefined : OF_ITS_OWN,
  ],
  'ipaddresses.networking.k8s.io': [
    ({ spec }: Named & { spec?: { parentRef?: { namespace?: string; name?: string } } }) =>
      spec?.parentRef?.namespace === 'default' && spec.parentRef.name === 'kubernetes'
        ? OF_ITS_OWN
        : undefined,
  ],
};

/** Why a resource's objects are not transferred; undefined: they are. `resource`: in the form `deployments.apps`. */
export const leftResource = (resource: string): string | undefined => LEFT_RESOURCES[resource];

/** Why one object of a transferred resource is not transferred. */
export function leftObject(resource: string, object: Named): string | undefined {
  for (const rule of LEFT_OBJECTS[resource] ?? []) {
    const reason = rule(object);
    if (reason !== undefined) return reason;
  }
  return undefined;
}
