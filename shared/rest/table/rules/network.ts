/** Cells of services, ingresses, endpoints and related kinds. */

import type { Endpoints, Service } from '../../../apis/core/v1/types.ts';
import type { EndpointSlice } from '../../../apis/discovery/v1/types.ts';
import type { Ingress, IngressClass, IPAddress } from '../../../apis/networking/v1/types.ts';
import { listWithMore, NONE, rule, UNSET } from '../cell.ts';

interface LoadBalanced {
  status: {
    loadBalancer?:
      | { ingress?: readonly { ip?: string | undefined; hostname?: string | undefined }[] | null | undefined }
      | undefined;
  };
}

/** Distinct addresses, sorted. Not truncated, which is left to clients. */
function loadBalancerAddresses({ status }: LoadBalanced): string {
  const addresses = (status?.loadBalancer?.ingress ?? []).map(({ ip, hostname }) => ip || hostname || '');
  return [...new Set(addresses.filter((address) => address !== ''))].sort().join(',');
}

function serviceExternalIP(service: Service): string {
  const external = (service.spec.externalIPs ?? []).join(',');
  switch (service.spec.type) {
    case 'ExternalName':
      return service.spec.externalName ?? '';
    case 'LoadBalancer': {
      const all = [loadBalancerAddresses(service), external].filter((part) => part !== '').join(',');
      return all || '<pending>';
    }
    case 'ClusterIP':
    case 'NodePort':
      return external || NONE;
    default:
      return '<unknown>';
  }
}

function servicePorts({ spec }: Service): string {
  const ports = (spec.ports ?? []).map(({ port, nodePort, protocol }) =>
    nodePort ? `${port}:${nodePort}/${protocol}` : `${port}/${protocol}`,
  );
  return ports.join(',') || NONE;
}

function ingressHosts({ spec }: Ingress): string {
  const rules = spec.rules ?? [];
  const hosts = rules.map(({ host }) => host ?? '').filter((host) => host !== '');
  if (hosts.length === 0) return '*';
  return hosts.length > 3 ? `${hosts.slice(0, 3).join(',')} + ${hosts.length - 3} more...` : hosts.join(',');
}

const hostPort = (ip: string, port: number): string =>
  ip.includes(':') ? `[${ip}]:${port}` : `${ip}:${port}`;

function formatEndpoints({ subsets }: Endpoints): string {
  if (!subsets?.length) return NONE;
  const all = subsets.flatMap(({ addresses, ports }) => {
    const ips = (addresses ?? []).map(({ ip }) => ip);
    if ((ports ?? []).length === 0) return ips;
    return (ports ?? []).flatMap(({ port }) => ips.map((ip) => hostPort(ip, port)));
  });
  return listWithMore(all, 3);
}

function slicePorts({ ports }: EndpointSlice): string {
  const all = (ports ?? []).map(({ port, name }) => (port !== undefined ? String(port) : (name ?? '*')));
  return listWithMore(all, 3) || UNSET;
}

export const networkRules = {
  loadBalancerStatus: rule<LoadBalanced>(loadBalancerAddresses),
  'service.externalIP': rule<Service>(serviceExternalIP),
  'service.ports': rule<Service>(servicePorts),
  'ingress.class': rule<Ingress>(({ spec }) => spec.ingressClassName || NONE),
  'ingress.hosts': rule<Ingress>(ingressHosts),
  'ingress.ports': rule<Ingress>(({ spec }) => ((spec.tls ?? []).length > 0 ? '80, 443' : '80')),
  'ingressClass.parameters': rule<IngressClass>(({ spec: { parameters } }) => {
    if (!parameters) return NONE;
    const group = parameters.apiGroup ? `.${parameters.apiGroup}` : '';
    return `${parameters.kind}${group}/${parameters.name}`;
  }),
  'ipAddress.parent': rule<IPAddress>(({ spec: { parentRef } }) => {
    if (!parentRef) return NONE;
    const group = parentRef.group ? `.${parentRef.group}` : '';
    const namespace = parentRef.namespace ? `${parentRef.namespace}/` : '';
    return `${`${parentRef.resource ?? ''}${group}`.toLowerCase()}/${namespace}${parentRef.name ?? ''}`;
  }),
  endpoints: rule<Endpoints>(formatEndpoints),
  'slice.ports': rule<EndpointSlice>(slicePorts),
  'slice.endpoints': rule<EndpointSlice>(({ endpoints }) => {
    const addresses = (endpoints ?? []).flatMap((endpoint) => endpoint.addresses ?? []);
    return listWithMore(addresses, 3) || UNSET;
  }),
};
