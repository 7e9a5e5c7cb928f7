/**
 * Publishes the API's addresses: the Endpoints and the EndpointSlice of the Service `kubernetes`
 * (https://github.com/kubernetes/kubernetes/blob/master/pkg/controlplane/reconcilers/lease.go).
 */

import type { Endpoints } from '../../apis/core/v1/types.ts';
import type { EndpointSlice } from '../../apis/discovery/v1/types.ts';
import type { KubeObject } from '../../meta/kube-object.ts';
import { isAlreadyExists, isConflict } from '../../meta/status-error.ts';
import { type ResourceAccess, UnknownResourceError } from '../../rest/resource-access.ts';
import type { GroupVersionResource } from '../../runtime/group-version.ts';
import type { Presence } from '../../storage/presence.ts';
import { parseIP } from '../../util/ip.ts';
import { equalJSON } from '../../util/json-equal.ts';
import { type Change, type Controller, isResource } from '../controller.ts';

const ENDPOINTS = { group: '', version: 'v1', resource: 'endpoints' };
const SLICES = { group: 'discovery.k8s.io', version: 'v1', resource: 'endpointslices' };
const PLACE = { namespace: 'default', name: 'kubernetes' };
/** Upstream's interval, and the time without a heartbeat after which a server counts as gone. */
const INTERVAL_MS = 10_000;
export const LEASE_MS = 15_000;

export interface EndpointsControllerOptions {
  /** Of this server. */
  readonly address: string;
  readonly port: number;
  /** Live servers, by address. */
  readonly servers: Presence;
}

export class KubernetesEndpointsController implements Controller {
  readonly name = 'kubernetes-service-endpoints-controller';
  readonly looksAgainAnyway = true;
  readonly #resources: ResourceAccess;
  readonly #options: EndpointsControllerOptions;

  constructor(resources: ResourceAccess, options: EndpointsControllerOptions) {
    this.#resources = resources;
    this.#options = options;
  }

  keysFor({ resource, namespace, name }: Change): string[] {
    const isIt = [ENDPOINTS, SLICES].some((kept) => isResource(resource, kept.group, kept.resource));
    return isIt && namespace === PLACE.namespace && name === PLACE.name ? [PLACE.name] : [];
  }

  async allKeys(): Promise<string[]> {
    return [PLACE.name];
  }

  async reconcile(): Promise<number> {
    const { address, port, servers } = this.#options;
    const addresses = await servers.beat(address);
    const ports = [{ name: 'https', port, protocol: 'TCP' }];
    const labels = { 'endpointslice.kubernetes.io/skip-mirror': 'true' };
    await this.#keep<Endpoints>(ENDPOINTS, {
      apiVersion: 'v1',
      kind: 'Endpoints',
      metadata: { ...PLACE, labels },
      subsets: [{ addresses: addresses.map((ip) => ({ ip })), ports }],
    });
    const isIPv6 = addresses.every((text) => parseIP(text)?.family === 6);
    const ofFamily = addresses.filter((text) => (parseIP(text)?.family === 6) === isIPv6);
    await this.#keep<EndpointSlice>(SLICES, {
      apiVersion: 'discovery.k8s.io/v1',
      kind: 'EndpointSlice',
      metadata: { ...PLACE, labels: { 'kubernetes.io/service-name': PLACE.name } },
      addressType: isIPv6 ? 'IPv6' : 'IPv4',
      endpoints: ofFamily.map((text) => ({ addresses: [text], conditions: { ready: true } })),
      ports,
    });
    return INTERVAL_MS;
  }

  /** Creates or updates the object to match `wanted`, but keeps others' labels and annotations. */
  async #keep<T extends KubeObject>(resource: GroupVersionResource, wanted: T): Promise<void> {
    const { client } = this.#resources;
    try {
      const found = await this.#resources.lister<T>(resource).get(PLACE.namespace, PLACE.name, 0);
      if (found === undefined) {
        await client.create(resource, wanted);
        return;
      }
      const labels = { ...found.metadata.labels, ...wanted.metadata.labels };
      const next = { ...found, ...wanted, metadata: { ...found.metadata, labels } };
      if (equalJSON(next, { ...found, apiVersion: wanted.apiVersion, kind: wanted.kind })) return;
      if (addressTypeOf(found) !== addressTypeOf(wanted)) {
        await client.delete(resource, PLACE);
        await client.create(resource, wanted);
        return;
      }
      await client.update(resource, next);
    } catch (error) {
      // Another server was faster and has written the same; or the emulated release has no EndpointSlices.
      const isLeft = isConflict(error) || isAlreadyExists(error) || error instanceof UnknownResourceError;
      if (!isLeft) throw error;
    }
  }
}

/** An EndpointSlice's address type is immutable. */
function addressTypeOf(object: KubeObject): unknown {
  return (object as Partial<EndpointSlice>).addressType;
}
