/** Rules for endpoints. */

import { semanticDeepEqual } from '../../../meta/deep-equal.ts';
import { type FieldError, invalid, notSupported, required } from '../../../meta/field-error.ts';
import { FieldPath } from '../../../meta/field-path.ts';
import { isValidIPForLegacyField } from '../../../meta/validation/ip.ts';
import { isDNS1123Subdomain } from '../../../meta/validation/names.ts';
import { isValidPortNum } from '../../../meta/validation/values.ts';
import { appendAll } from '../../../util/append-all.ts';
import {
  isLinkLocalMulticast,
  isLinkLocalUnicast,
  isLoopback,
  isUnspecified,
  parseIP,
} from '../../../util/ip.ts';
import type { EndpointAddress, EndpointPort, EndpointSubset, Endpoints } from '../v1/types.ts';
import { invalidEach, validateDNS1123Label, validateQualifiedName } from './helpers.ts';

const PROTOCOLS = ['SCTP', 'TCP', 'UDP'];

/** Also used for endpoint slices and external IPs of services. */
export function validateEndpointIP(address: string, path: FieldPath): FieldError[] {
  const ip = parseIP(address);
  if (ip === undefined) return [invalid(path, address, 'must be a valid IP address')];
  const messages: string[] = [];
  if (isUnspecified(ip)) messages.push(`may not be unspecified (${address})`);
  if (isLoopback(ip)) messages.push('may not be in the loopback range (127.0.0.0/8, ::1/128)');
  if (isLinkLocalUnicast(ip)) {
    messages.push('may not be in the link-local range (169.254.0.0/16, fe80::/10)');
  }
  if (isLinkLocalMulticast(ip)) {
    messages.push('may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)');
  }
  return invalidEach(path, address, messages);
}

function validateAddress({ ip, hostname, nodeName }: EndpointAddress, path: FieldPath): FieldError[] {
  return [
    ...isValidIPForLegacyField(path.child('ip'), ip),
    ...(hostname ? validateDNS1123Label(hostname, path.child('hostname')) : []),
    ...(nodeName === undefined
      ? []
      : invalidEach(path.child('nodeName'), nodeName, isDNS1123Subdomain(nodeName))),
    ...validateEndpointIP(ip, path.child('ip')),
  ];
}

function validatePort(
  { name, port, protocol, appProtocol }: EndpointPort,
  path: FieldPath,
  requireName: boolean,
): FieldError[] {
  const errors: FieldError[] = [];
  if (name) appendAll(errors, validateDNS1123Label(name, path.child('name')));
  else if (requireName) errors.push(required(path.child('name'), ''));
  appendAll(errors, invalidEach(path.child('port'), port, isValidPortNum(port)));
  if (!protocol) errors.push(required(path.child('protocol'), ''));
  else if (!PROTOCOLS.includes(protocol)) {
    errors.push(notSupported(path.child('protocol'), protocol, PROTOCOLS));
  }
  if (appProtocol === undefined) return errors;
  return [...errors, ...validateQualifiedName(appProtocol, path.child('appProtocol'))];
}

function validateSubset(subset: EndpointSubset, path: FieldPath): FieldError[] {
  const { addresses = [], notReadyAddresses = [], ports = [] } = subset;
  const missing = addresses.length === 0 && notReadyAddresses.length === 0;
  return [
    ...(missing ? [required(path, 'must specify `addresses` or `notReadyAddresses`')] : []),
    ...addresses.flatMap((address, index) => validateAddress(address, path.child('addresses').index(index))),
    ...notReadyAddresses.flatMap((address, index) =>
      validateAddress(address, path.child('notReadyAddresses').index(index)),
    ),
    ...ports.flatMap((port, index) => validatePort(port, path.child('ports').index(index), ports.length > 1)),
  ];
}

/** Unchanged subsets may keep violations of newer rules. */
export function validateEndpoints(endpoints: Endpoints, old?: Endpoints): FieldError[] {
  const path = FieldPath.of('subsets');
  const errors = (endpoints.subsets ?? []).flatMap((subset, index) =>
    validateSubset(subset, path.index(index)),
  );
  const unchanged = old !== undefined && semanticDeepEqual(old.subsets, endpoints.subsets);
  return unchanged ? [] : errors;
}
