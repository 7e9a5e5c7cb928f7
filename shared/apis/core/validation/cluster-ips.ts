/** Rules for cluster IPs and their families (`ValidateServiceClusterIPsRelatedFields`). */

import { duplicate, type FieldError, invalid, notSupported, required } from '../../../meta/field-error.ts';
import { FieldPath } from '../../../meta/field-path.ts';
import { isValidIPForLegacyField } from '../../../meta/validation/ip.ts';
import { appendAll } from '../../../util/append-all.ts';
import { isDualStack, parseIP } from '../../../util/ip.ts';
import { seenBefore } from '../../../util/seen-before.ts';
import { CLUSTER_IP_NONE, isHeadless } from '../service-helpers.ts';
import type { Service, ServiceSpec } from '../v1/types.ts';

const SPEC = FieldPath.of('spec');
const CLUSTER_IPS = SPEC.child('clusterIPs');
const IP_FAMILIES = SPEC.child('ipFamilies');
const IP_FAMILY_POLICY = SPEC.child('ipFamilyPolicy');

const FAMILIES = ['IPv4', 'IPv6'];
const POLICIES = ['PreferDualStack', 'RequireDualStack', 'SingleStack'];
const NOT_ONCE_SET = 'may not change once set';

function validateFirstIP({ clusterIP, clusterIPs = [] }: ServiceSpec): FieldError[] {
  if (!clusterIP) {
    if (clusterIPs.length === 0) return [];
    return [invalid(CLUSTER_IPS, clusterIPs, 'must be empty when `clusterIP` is not specified')];
  }
  if (clusterIPs.length === 0) return [required(CLUSTER_IPS, '')];
  if (clusterIPs[0] === clusterIP) return [];
  return [invalid(CLUSTER_IPS, clusterIPs, 'first value must match `clusterIP`')];
}

function validateFamilies({ ipFamilies = [], ipFamilyPolicy }: ServiceSpec): FieldError[] {
  const isRepeated = seenBefore<string>();
  const errors = ipFamilies.flatMap((family, index) => {
    const at = IP_FAMILIES.index(index);
    return [
      ...(FAMILIES.includes(family) ? [] : [notSupported(at, family, FAMILIES)]),
      ...(isRepeated(family) ? [duplicate(at, family)] : []),
    ];
  });
  if (ipFamilyPolicy !== undefined && !POLICIES.includes(ipFamilyPolicy)) {
    errors.push(notSupported(IP_FAMILY_POLICY, ipFamilyPolicy, POLICIES));
  }
  return errors;
}

function validateAddresses(clusterIPs: readonly string[], old: readonly string[]): FieldError[] {
  const stored = new Set(old);
  return clusterIPs.flatMap((ip, index) => {
    if (index > 0 || ip !== CLUSTER_IP_NONE)
      return isValidIPForLegacyField(CLUSTER_IPS.index(index), ip, stored);
    if (clusterIPs.length === 1) return [];
    return [invalid(CLUSTER_IPS, clusterIPs, "'None' must be the first and only value")];
  });
}

/** Each address must match the family at the same index. */
function validateMatch({ clusterIPs = [], ipFamilies = [] }: ServiceSpec): FieldError[] {
  return clusterIPs.flatMap((ip, index) => {
    const family = ipFamilies[index];
    const actual = parseIP(ip)?.family === 6 ? 'IPv6' : 'IPv4';
    if (family === undefined || !FAMILIES.includes(family) || family === actual) return [];
    const detail = `expected an ${family} value as indicated by \`ipFamilies[${index}]\``;
    return [invalid(CLUSTER_IPS.index(index), ip, detail)];
  });
}

export function validateServiceClusterIPs(service: Service, old?: Service): FieldError[] {
  const { spec } = service;
  if (spec.type === 'ExternalName') return [];
  const { clusterIPs = [] } = spec;
  const errors = [...validateFirstIP(spec), ...validateFamilies(spec)];
  const addresses = validateAddresses(clusterIPs, old?.spec.clusterIPs ?? []);
  appendAll(errors, addresses);
  if (clusterIPs.length > 2) errors.push(invalid(CLUSTER_IPS, clusterIPs, 'may only hold up to 2 values'));
  // Further errors would be redundant.
  if (addresses.length > 0) return errors;
  if (clusterIPs.length > 1 && !isDualStack(clusterIPs.slice(0, 2))) {
    errors.push(invalid(CLUSTER_IPS, clusterIPs, 'may specify no more than one IP for each IP family'));
  }
  return isHeadless(service) ? errors : [...errors, ...validateMatch(spec)];
}

/** The primary address is immutable; a secondary one may be added, or released by changing the policy. */
function validateReleased(
  spec: ServiceSpec,
  { now, before }: { now: readonly string[]; before: readonly string[] },
  { path, noun, shown }: { path: FieldPath; noun: string; shown: readonly string[] },
): FieldError[] {
  const errors: FieldError[] = [];
  if ((spec.clusterIPs ?? []).length === 0) {
    errors.push(invalid(path.index(0), now, `primary ${noun} can not be unset`));
  }
  if (now.length > 0 && now[0] !== before[0]) errors.push(invalid(path.index(0), shown, NOT_ONCE_SET));
  if (now.length === 1 && spec.ipFamilyPolicy !== 'SingleStack') {
    const detail = `must be set to 'SingleStack' when releasing the secondary ${noun}`;
    errors.push(invalid(IP_FAMILY_POLICY, spec.ipFamilyPolicy, detail));
  }
  return errors;
}

function mayChangeFreely(service: Service, old: Service): boolean {
  return service.spec.type === 'ExternalName' || old.spec.type === 'ExternalName';
}

/** Rules for adding and removing a secondary cluster IP. */
export function validateClusterIPsUpdate(service: Service, old: Service): FieldError[] {
  if (mayChangeFreely(service, old) || (isHeadless(old) && isHeadless(service))) return [];
  const now = service.spec.clusterIPs ?? [];
  const before = old.spec.clusterIPs ?? [];
  if (now.length === before.length) {
    return before.flatMap((ip, index) =>
      ip === now[index] ? [] : [invalid(CLUSTER_IPS.index(index), now, NOT_ONCE_SET)],
    );
  }
  if (now.length < before.length) {
    const words = { path: CLUSTER_IPS, noun: 'clusterIP', shown: now };
    return validateReleased(service.spec, { now, before }, words);
  }
  if (before.length === 0 || now[0] === before[0]) return [];
  return [invalid(CLUSTER_IPS.index(0), now, NOT_ONCE_SET)];
}

/** Rules for adding and removing a secondary family. */
export function validateIPFamiliesUpdate(service: Service, old: Service): FieldError[] {
  if (mayChangeFreely(service, old) || isHeadless(service) || isHeadless(old)) return [];
  const now = service.spec.ipFamilies ?? [];
  const before = old.spec.ipFamilies ?? [];
  const shown = service.spec.clusterIPs ?? [];
  if (now.length === before.length) {
    return before.flatMap((family, index) =>
      family === now[index] ? [] : [invalid(IP_FAMILIES.index(0), now, NOT_ONCE_SET)],
    );
  }
  if (now.length < before.length) {
    const words = { path: IP_FAMILIES, noun: 'ipFamily', shown };
    return validateReleased(service.spec, { now, before }, words);
  }
  if (before.length === 0 || now[0] === before[0]) return [];
  return [invalid(IP_FAMILIES.index(0), shown, NOT_ONCE_SET)];
}
