/** https://github.com/kubernetes/kubernetes/blob/master/pkg/apis/discovery/v1beta1/conversion.go */

import { compact } from '../../../util/compact.ts';
import type * as v1 from '../v1/types.ts';
import type { Endpoint, EndpointSlice } from './types.ts';

const ZONE = 'topology.kubernetes.io/zone';
const HOSTNAME = 'kubernetes.io/hostname';

function endpointToInternal({ topology, ...rest }: Endpoint): v1.Endpoint {
  const deprecated = Object.entries(topology ?? {}).filter(
    ([key, value]) => key !== ZONE && !(key === HOSTNAME && value === rest.nodeName),
  );
  return compact({
    ...rest,
    deprecatedTopology: deprecated.length > 0 ? Object.fromEntries(deprecated) : undefined,
    zone: topology?.[ZONE],
  });
}

function endpointFromInternal({ deprecatedTopology, zone, ...rest }: v1.Endpoint): Endpoint {
  const { nodeName } = rest;
  if (deprecatedTopology === undefined && zone === undefined && nodeName === undefined) return rest;
  const topology: Record<string, string> = {
    ...deprecatedTopology,
    ...(zone !== undefined && { [ZONE]: zone }),
  };
  if (nodeName !== undefined && !topology[HOSTNAME]) topology[HOSTNAME] = nodeName;
  return { ...rest, topology };
}

export function endpointSliceToInternal(slice: EndpointSlice): v1.EndpointSlice {
  return { ...slice, endpoints: slice.endpoints?.map(endpointToInternal) ?? null };
}

export function endpointSliceFromInternal(hub: v1.EndpointSlice): EndpointSlice {
  return { ...hub, endpoints: hub.endpoints?.map(endpointFromInternal) ?? null };
}
