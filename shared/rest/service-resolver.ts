/** Resolves Services of the cluster to addresses reachable from the API server (upstream's `ServiceResolver`). */

import type { Service } from '../apis/core/v1/types.ts';
import type { EndpointSlice } from '../apis/discovery/v1/types.ts';
import type { ResourceAccess } from './resource-access.ts';

export interface ServiceReference {
  readonly namespace: string;
  readonly name: string;
  readonly port: number;
}

/** The base URL of a Service, without path. Rejects if it can't be reached from here. */
export type ResolveService = (service: ServiceReference) => Promise<URL>;

const SERVICES = { group: '', resource: 'services' };
const ENDPOINT_SLICES = { group: 'discovery.k8s.io', resource: 'endpointslices' };
const SERVICE_NAME_LABEL = 'kubernetes.io/service-name';

const httpsURL = (host: string, port: number): URL =>
  new URL(`https://${host.includes(':') ? `[${host}]` : host}:${port}`);

/**
 * Tries `configured` first, keyed by `namespace/name`, which is the only way for servers outside of the cluster
 * network. Then external names and ready endpoints, whose addresses may be anywhere, but never cluster IPs.
 */
export function serviceResolver(
  resources: ResourceAccess,
  configured: ReadonlyMap<string, string>,
): ResolveService {
  return async (reference) => {
    const { namespace, name, port } = reference;
    const url = configuredAddress(configured, reference);
    if (url !== undefined) return new URL(url);
    const service = await resources.lister<Service>(SERVICES).get(namespace, name);
    if (service === undefined) throw new Error(`service ${JSON.stringify(name)} not found`);
    const servicePort = service.spec.ports?.find((candidate) => candidate.port === port);
    if (servicePort === undefined && service.spec.type !== 'ExternalName') {
      throw new Error(`no service port ${port} found for service ${JSON.stringify(name)}`);
    }
    if (service.spec.type === 'ExternalName') return httpsURL(service.spec.externalName ?? '', port);
    const endpoint = await readyEndpoint(resources, reference, servicePort?.name ?? '');
    if (endpoint === undefined) throw new Error(`no endpoints available for service ${JSON.stringify(name)}`);
    return endpoint;
  };
}

export function configuredAddress(
  configured: ReadonlyMap<string, string>,
  { namespace, name, port }: ServiceReference,
): string | undefined {
  return configured.get(`${namespace}/${name}:${port}`) ?? configured.get(`${namespace}/${name}`);
}

/** The EndpointSlices of a Service. */
export async function slicesOf(
  resources: ResourceAccess,
  { namespace, name }: Pick<ServiceReference, 'namespace' | 'name'>,
  maxStalenessMs?: number,
): Promise<readonly EndpointSlice[]> {
  const slices = await resources.lister<EndpointSlice>(ENDPOINT_SLICES).list(namespace, maxStalenessMs);
  return slices.filter((slice) => serviceOf(slice) === name);
}

/** The name of the Service to which a slice belongs. */
export function serviceOf({ metadata }: EndpointSlice): string | undefined {
  return metadata.labels?.[SERVICE_NAME_LABEL];
}

/** A random ready address of the Service. */
async function readyEndpoint(
  resources: ResourceAccess,
  reference: ServiceReference,
  portName: string,
): Promise<URL | undefined> {
  const urls = (await slicesOf(resources, reference)).flatMap(({ endpoints, ports }) => {
    const port = ports?.find((candidate) => (candidate.name ?? '') === portName)?.port;
    if (!port) return [];
    return (endpoints ?? [])
      .filter(({ conditions }) => conditions?.ready ?? true)
      .flatMap(({ addresses }) => (addresses ?? []).map((address) => httpsURL(address, port)));
  });
  return urls[Math.floor(Math.random() * urls.length)];
}
