/** Checks whether a target has an address, with the errors of upstream's `ResourceLocation` for each resource. */

import type { Node, Pod, Service } from '../../apis/core/v1/types.ts';
import type { Endpoint } from '../../apis/discovery/v1/types.ts';
import { newBadRequest, newNotFound, newPlainError, newServiceUnavailable } from '../../meta/status-error.ts';
import type { RequestContext } from '../../request/request-context.ts';
import type { ResourceAccess } from '../../rest/resource-access.ts';
import type { Getter } from '../../rest/rest-storage.ts';
import { slicesOf } from '../../rest/service-resolver.ts';
import { quote } from '../../runtime/go-format.ts';
import { isLinkLocalUnicast, isLoopback, isMulticast, isUnspecified, parseIP } from '../../util/ip.ts';

/** The target of a proxy request: `https:name:port`. */
interface Place {
  readonly parents: Getter;
  readonly resources: ResourceAccess;
  readonly context: RequestContext;
  readonly name: string;
  readonly port: string;
}

const PODS = { group: '', resource: 'pods' };
const NODES = { group: '', resource: 'nodes' };
const HOST_NAME_LABEL = 'kubernetes.io/hostname';

const isNumber = (port: string): boolean => /^[+-]?\d+$/.test(port);

/** Keyed by the parents' resource. Rejects if there is no address. */
export const ADDRESS_CHECKS: Readonly<Record<string, (place: Place) => Promise<void>>> = {
  async nodes({ parents, context, name }) {
    mustHaveAddress((await parents.get(context, name, {})).object() as Node);
  },
  async pods({ parents, context, name }) {
    const { status } = (await parents.get(context, name, {})).object() as Pod;
    if (!isGlobalUnicast(status?.podIPs?.[0]?.ip ?? '')) throw newBadRequest('address not allowed');
  },
  async services(place) {
    const { resources, context, name } = place;
    const { namespace } = context.requestInfo;
    if (namespace === '') throw newBadRequest('missing required namespace');
    const portName = isNumber(place.port) ? await portNameOf(place) : place.port;
    for (const { ports, endpoints } of await slicesOf(resources, { namespace, name }, 0)) {
      if (!ports?.some((port) => (port.name ?? '') === portName && port.port)) continue;
      for (const endpoint of endpoints ?? []) {
        if ((endpoint.conditions?.ready ?? true) && (await isOfPod(endpoint, namespace, resources))) return;
      }
    }
    throw newServiceUnavailable(`no endpoints available for service ${quote(name)}`);
  },
};

/** Checks the node of a pod. Rejects like upstream if it is missing, with an error about the pod. */
export async function mustHaveNode(resources: ResourceAccess, name: string): Promise<void> {
  const node = await resources.lister<Node>(NODES).get('', name, 0);
  if (node === undefined) throw newNotFound(PODS, name);
  mustHaveAddress(node);
}

function mustHaveAddress({ metadata, status }: Node): void {
  if (status?.addresses?.length || metadata.labels?.[HOST_NAME_LABEL] !== undefined) return;
  throw newPlainError('no preferred addresses found; known addresses: []');
}

/** A port number is looked up in the service, a name only in its endpoints. */
async function portNameOf({ parents, context, name, port }: Place): Promise<string> {
  const { spec } = (await parents.get(context, name, {})).object() as Service;
  const found = spec.ports?.find((candidate) => candidate.port === Number(port));
  if (found !== undefined) return found.name ?? '';
  throw newServiceUnavailable(`no service port ${Number(port)} found for service ${quote(name)}`);
}

async function isOfPod(
  { targetRef, addresses }: Endpoint,
  namespace: string,
  resources: ResourceAccess,
): Promise<boolean> {
  if (!targetRef || targetRef.namespace !== namespace) return false;
  const pod = await resources.lister<Pod>(PODS).get(namespace, targetRef.name ?? '', 0);
  return pod?.status?.podIPs?.some(({ ip }) => ip === addresses?.[0]) ?? false;
}

function isGlobalUnicast(text: string): boolean {
  const ip = parseIP(text);
  return (
    ip !== undefined &&
    ![isUnspecified, isLoopback, isMulticast, isLinkLocalUnicast].some((isKind) => isKind(ip)) &&
    text !== '255.255.255.255'
  );
}
