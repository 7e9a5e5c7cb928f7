import type { Availability } from '../../aggregator/available-condition.ts';
import type { Service } from '../../apis/core/v1/types.ts';
import type { EndpointSlice } from '../../apis/discovery/v1/types.ts';
import type { ResourceAccess } from '../../rest/resource-access.ts';
import { type ServiceReference, slicesOf } from '../../rest/service-resolver.ts';

const SERVICES = { group: '', resource: 'services' };

/** The fault of the Service an APIService refers to, determined without a request to it; undefined: none. */
export async function serviceFault(
  resources: ResourceAccess,
  reference: ServiceReference,
): Promise<Availability | undefined> {
  const { namespace, name, port } = reference;
  const service = await resources.lister<Service>(SERVICES).get(namespace, name, 0);
  const where = `service/${name} in ${JSON.stringify(namespace)}`;
  if (service === undefined) return unavailable('ServiceNotFound', `${where} is not present`);
  if (service.spec.type !== 'ClusterIP') return undefined;
  const servicePort = service.spec.ports?.find((candidate) => candidate.port === port);
  if (servicePort === undefined) {
    return unavailable('ServicePortError', `${where} is not listening on port ${port}`);
  }
  const slices = await slicesOf(resources, reference, 0);
  if (slices.length === 0) {
    return unavailable('EndpointsNotFound', `cannot find endpointslices for ${where}`);
  }
  const portName = servicePort.name ?? '';
  if (slices.some((slice) => hasEndpoint(slice, portName))) return undefined;
  const message = `endpointslices for ${where} have no addresses with port name ${JSON.stringify(portName)}`;
  return unavailable('MissingEndpoints', message);
}

const unavailable = (reason: string, message: string): Availability => ({ status: 'False', reason, message });

function hasEndpoint({ endpoints, ports }: EndpointSlice, portName: string): boolean {
  const isReady = (endpoints ?? []).some(({ conditions }) => conditions?.ready ?? true);
  return isReady && (ports ?? []).some(({ name, port }) => name === portName && port !== undefined);
}
