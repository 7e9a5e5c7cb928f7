/** https://github.com/kubernetes/kubernetes/blob/master/pkg/apis/discovery/validation/validation.go */

import { semanticDeepEqual } from '../../../meta/deep-equal.ts';
import {
  duplicate,
  type FieldError,
  internalFieldError,
  invalid,
  invalidEach,
  notSupported,
  required,
  tooMany,
} from '../../../meta/field-error.ts';
import { FieldPath } from '../../../meta/field-path.ts';
import { isFullyQualifiedDomainName } from '../../../meta/validation/domains.ts';
import { validateImmutableField } from '../../../meta/validation/immutable.ts';
import { isValidIP, isValidIPForLegacyField } from '../../../meta/validation/ip.ts';
import {
  isDNS1123Label,
  isDNS1123Subdomain,
  isQualifiedName,
  isValidLabelValue,
} from '../../../meta/validation/names.ts';
import { validateLabels } from '../../../meta/validation/object-meta.ts';
import { appendAll } from '../../../util/append-all.ts';
import { parseIP } from '../../../util/ip.ts';
import { validateEndpointIP } from '../../core/validation/endpoints.ts';
import type { Endpoint, EndpointHints, EndpointPort, EndpointSlice } from '../v1/types.ts';

const ADDRESS_TYPE = FieldPath.of('addressType');
const ENDPOINTS = FieldPath.of('endpoints');
const PORTS = FieldPath.of('ports');

const ADDRESS_TYPES = ['FQDN', 'IPv4', 'IPv6'];
const PROTOCOLS = ['SCTP', 'TCP', 'UDP'];
const ZONE = 'topology.kubernetes.io/zone';
const MAX_TOPOLOGY_LABELS = 16;
const MAX_ADDRESSES = 100;
const MAX_PORTS = 20_000;
const MAX_ENDPOINTS = 1000;
const MAX_HINTS = 8;

/** `old` is the stored slice, whose unchanged endpoints may keep violations. */
export function validateEndpointSlice(slice: EndpointSlice, old?: EndpointSlice): FieldError[] {
  const { addressType, ports, endpoints } = slice;
  const errors: FieldError[] = [];
  if (addressType === '') errors.push(required(ADDRESS_TYPE, ''));
  else if (!ADDRESS_TYPES.includes(addressType)) {
    errors.push(notSupported(ADDRESS_TYPE, addressType, ADDRESS_TYPES));
  }
  appendAll(errors, validatePorts(ports ?? []));
  if (old !== undefined && semanticDeepEqual(endpoints, old.endpoints)) return errors;
  return errors.concat(validateEndpoints(endpoints ?? [], addressType));
}

export function validateEndpointSliceUpdate(slice: EndpointSlice, old: EndpointSlice): FieldError[] {
  return [
    ...validateEndpointSlice(slice, old),
    ...validateImmutableField(slice.addressType, old.addressType, ADDRESS_TYPE),
  ];
}

function validatePorts(ports: readonly EndpointPort[]): FieldError[] {
  if (ports.length > MAX_PORTS) return [tooMany(PORTS, ports.length, MAX_PORTS)];
  const names = new Set<string>();
  return ports.flatMap(({ name = '', protocol, appProtocol }, index) => {
    const path = PORTS.index(index);
    const errors = name === '' ? [] : invalidEach(path.child('name'), name, isDNS1123Label(name));
    if (names.has(name)) errors.push(duplicate(path.child('name'), name));
    names.add(name);
    if (protocol === undefined) errors.push(required(path.child('protocol'), ''));
    else if (!PROTOCOLS.includes(protocol)) {
      errors.push(notSupported(path.child('protocol'), protocol, PROTOCOLS));
    }
    if (appProtocol === undefined) return errors;
    return errors.concat(invalidEach(path.child('appProtocol'), appProtocol, isQualifiedName(appProtocol)));
  });
}

function validateEndpoints(endpoints: readonly Endpoint[], addressType: string): FieldError[] {
  if (endpoints.length > MAX_ENDPOINTS) return [tooMany(ENDPOINTS, endpoints.length, MAX_ENDPOINTS)];
  return endpoints.flatMap((endpoint, index) =>
    validateEndpoint(endpoint, addressType, ENDPOINTS.index(index)),
  );
}

function validateEndpoint(endpoint: Endpoint, addressType: string, path: FieldPath): FieldError[] {
  const { nodeName, hostname, hints, deprecatedTopology: topology = {} } = endpoint;
  const addresses = endpoint.addresses ?? [];
  const addressesPath = path.child('addresses');
  const errors: FieldError[] = [];
  if (addresses.length === 0) errors.push(required(addressesPath, 'must contain at least 1 address'));
  else if (addresses.length > MAX_ADDRESSES) {
    errors.push(tooMany(addressesPath, addresses.length, MAX_ADDRESSES));
  }
  for (const [index, address] of addresses.entries()) {
    appendAll(errors, validateAddress(address, addressType, { all: addressesPath, index }));
  }
  if (nodeName !== undefined) {
    appendAll(errors, invalidEach(path.child('nodeName'), nodeName, isDNS1123Subdomain(nodeName)));
  }
  const topologyPath = path.child('deprecatedTopology');
  const labels = Object.keys(topology).length;
  if (labels > MAX_TOPOLOGY_LABELS) errors.push(tooMany(topologyPath, labels, MAX_TOPOLOGY_LABELS));
  appendAll(errors, validateLabels(topology, topologyPath));
  if (Object.hasOwn(topology, ZONE)) {
    errors.push(internalFieldError(topologyPath.key(ZONE), 'reserved key was not removed in conversion'));
  }
  if (hostname !== undefined) {
    appendAll(errors, invalidEach(path.child('hostname'), hostname, isDNS1123Label(hostname)));
  }
  return hints ? errors.concat(validateHints(hints, path.child('hints'))) : errors;
}

function validateAddress(
  address: string,
  addressType: string,
  path: { readonly all: FieldPath; readonly index: number },
): FieldError[] {
  const at = path.all.index(path.index);
  if (addressType === 'FQDN') return isFullyQualifiedDomainName(at, address);
  if (addressType !== 'IPv4' && addressType !== 'IPv6') return [];
  // IPv6 addresses have always had to be in canonical form.
  const bad = addressType === 'IPv4' ? isValidIPForLegacyField(at, address) : isValidIP(at, address);
  if (bad.length > 0) return bad;
  const family = addressType === 'IPv4' ? 4 : 6;
  const errors: FieldError[] = [];
  if (parseIP(address)?.family !== family) {
    errors.push(invalid(path.all, address, `must be an ${addressType} address`));
  }
  return errors.concat(validateEndpointIP(address, at));
}

function validateHints({ forZones, forNodes }: EndpointHints, path: FieldPath): FieldError[] {
  const zones = validateNames(forZones, path.child('forZones'), isValidLabelValue);
  if ((forZones?.length ?? 0) > MAX_HINTS) return zones;
  return zones.concat(validateNames(forNodes, path.child('forNodes'), (name) => isDNS1123Subdomain(name)));
}

function validateNames(
  hints: readonly { readonly name: string }[] | undefined,
  path: FieldPath,
  rule: (name: string) => string[],
): FieldError[] {
  if (hints !== undefined && hints.length > MAX_HINTS) return [tooMany(path, hints.length, MAX_HINTS)];
  const seen = new Set<string>();
  return (hints ?? []).flatMap(({ name }, index) => {
    const at = path.index(index).child('name');
    const errors = seen.has(name) ? [duplicate(at, name)] : [];
    seen.add(name);
    return errors.concat(invalidEach(at, name, rule(name)));
  });
}
