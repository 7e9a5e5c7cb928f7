/** https://github.com/kubernetes/kubernetes/blob/master/pkg/registry/discovery/endpointslice/strategy.go */

import type { EndpointSlice } from '../../../apis/discovery/v1/types.ts';
import { dropping, type GatedPaths } from '../../../apis/gated-paths.ts';
import { semanticDeepEqual } from '../../../meta/deep-equal.ts';
import { FieldPath } from '../../../meta/field-path.ts';
import { warningsForIP } from '../../../meta/validation/ip.ts';
import { isDNS1123Subdomain, nameIsDNSSubdomain } from '../../../meta/validation/names.ts';
import type { RequestContext } from '../../../request/request-context.ts';
import type { RESTStrategy } from '../../../rest/strategy.ts';
import { once } from '../../../util/once.ts';
import { raiseGeneration } from '../../generic/strategy-parts.ts';
import { loadDeclaredRules } from '../declared-rules.ts';

const loadRules = once(() => import('../../../apis/discovery/validation/endpoint-slice.ts'));

const HOSTNAME = 'kubernetes.io/hostname';
const MANAGED_BY = 'endpointslice.kubernetes.io/managed-by';
/** Slices of these controllers get no warnings, because the objects they derive from already did. */
const CONTROLLERS = ['endpointslice-controller.k8s.io', 'endpointslicemirroring-controller.k8s.io'];
const GATED: GatedPaths = { PreferSameTrafficDistribution: ['endpoints[].hints.forNodes'] };
const ENDPOINTS = FieldPath.of('endpoints');

export const endpointSliceStrategy: RESTStrategy<EndpointSlice> = {
  kind: { group: 'discovery.k8s.io', kind: 'EndpointSlice' },
  declared: { type: 'EndpointSlice', load: loadDeclaredRules },
  namespaced: true,
  validateName: nameIsDNSSubdomain,
  dropDisabledFields: dropping(GATED),
  prepareForCreate(context, slice) {
    slice.metadata.generation = 1;
    dropTopology(context, slice, undefined);
  },
  validate: async (_context, slice) => (await loadRules()).validateEndpointSlice(slice),
  warningsOnCreate: (_context, slice) => [
    ...(slice.addressType === 'FQDN' ? ['spec.addressType: FQDN endpoints are deprecated'] : []),
    ...addressWarnings(slice),
  ],
  prepareForUpdate(context, slice, old) {
    const labels = [slice, old].map(({ metadata }) => metadata.labels);
    const bodies = [slice, old].map(({ metadata: _, ...body }) => body);
    if (!semanticDeepEqual(bodies[0], bodies[1]) || !semanticDeepEqual(labels[0], labels[1])) {
      raiseGeneration(slice, old);
    }
    dropTopology(context, slice, old);
  },
  validateUpdate: async (_context, slice, old) => (await loadRules()).validateEndpointSliceUpdate(slice, old),
  warningsOnUpdate: (_context, slice) => addressWarnings(slice),
};

/**
 * Clients of v1 can't write v1beta1's topology. A hostname in it that the stored slice also has becomes the endpoint's
 * `nodeName`.
 */
function dropTopology(
  { requestInfo }: RequestContext,
  slice: EndpointSlice,
  old: EndpointSlice | undefined,
): void {
  if (requestInfo.apiVersion === 'v1beta1') return;
  if (old !== undefined && semanticDeepEqual(old.endpoints, slice.endpoints)) return;
  const known = new Set(
    (old?.endpoints ?? []).map(({ deprecatedTopology }) => deprecatedTopology?.[HOSTNAME]),
  );
  for (const endpoint of slice.endpoints ?? []) {
    const node = endpoint.deprecatedTopology?.[HOSTNAME];
    if (node && known.has(node) && isDNS1123Subdomain(node).length === 0) endpoint.nodeName ??= node;
    delete endpoint.deprecatedTopology;
  }
}

function addressWarnings({ metadata, endpoints }: EndpointSlice): string[] {
  if (CONTROLLERS.includes(metadata.labels?.[MANAGED_BY] ?? '')) return [];
  return (endpoints ?? []).flatMap(({ addresses }, index) =>
    (addresses ?? []).flatMap((address, at) =>
      warningsForIP(ENDPOINTS.index(index).child('addresses').index(at), address),
    ),
  );
}
