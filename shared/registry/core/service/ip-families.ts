/**
 * The IP families of a service's cluster IPs
 * (https://github.com/kubernetes/kubernetes/blob/master/pkg/registry/core/service/storage/alloc.go).
 */

import { CLUSTER_IP_NONE, needsClusterIP } from '../../../apis/core/service-helpers.ts';
import type { Service, ServiceSpec } from '../../../apis/core/v1/types.ts';
import { validateServiceClusterIPs } from '../../../apis/core/validation/cluster-ips.ts';
import { type FieldError, invalid } from '../../../meta/field-error.ts';
import { FieldPath } from '../../../meta/field-path.ts';
import { newInvalid } from '../../../meta/status-error.ts';
import { parseIP } from '../../../util/ip.ts';
import { familyOf, type IPFamily } from './ip-allocator.ts';
import { sameTexts } from './linked-fields.ts';

const SERVICE = { group: '', kind: 'Service' };
const CLUSTER_IPS = FieldPath.of('spec', 'clusterIPs');
const IP_FAMILIES = FieldPath.of('spec', 'ipFamilies');
const IP_FAMILY_POLICY = FieldPath.of('spec', 'ipFamilyPolicy');

const otherFamily = (family: string): IPFamily => (family === 'IPv4' ? 'IPv6' : 'IPv4');

const isHeadlessWithoutSelector = ({ clusterIP, selector }: ServiceSpec): boolean =>
  clusterIP === CLUSTER_IP_NONE && Object.keys(selector ?? {}).length === 0;

/** Whether a service that prefers dual-stack keeps its families, because its fields haven't changed. */
export function prefersDualStackAsBefore({ spec }: Service, old: Service | undefined): boolean {
  if (old === undefined || !needsClusterIP({ spec } as Service) || spec.type !== old.spec.type) return false;
  return (
    spec.ipFamilyPolicy === 'PreferDualStack' &&
    (old.spec.ipFamilyPolicy ?? 'PreferDualStack') === 'PreferDualStack' &&
    sameTexts(spec.clusterIPs, old.spec.clusterIPs) &&
    sameTexts(spec.ipFamilies, old.spec.ipFamilies)
  );
}

/**
 * Sets policy and families from the service, its old version and the cluster's families. Throws Invalid if they are
 * inconsistent. Removes cluster IPs that are to be released.
 */
export function initIPFamilyFields(
  service: Service,
  old: Service | undefined,
  configured: readonly IPFamily[],
): void {
  const { spec } = service;
  if (spec.type === 'ExternalName' || prefersDualStackAsBefore(service, old)) return;
  spec.ipFamilyPolicy ??= defaultPolicy(spec, old);
  refuse(service, validateServiceClusterIPs(service, old));
  const errors = [...releaseSecondary(spec, old), ...checkSingleStack(spec)];
  refuse(service, [...errors, ...inferFamilies(spec, configured)]);
  const isFree = isHeadlessWithoutSelector(spec);
  if (!isFree) refuse(service, checkConfigured(spec, configured));
  completeFamilies(spec, configured, { canHaveTwo: isFree || configured.length > 1 });
}

function refuse({ metadata }: Service, errors: readonly FieldError[]): void {
  if (errors.length > 0) throw newInvalid(SERVICE, metadata.name ?? '', errors);
}

function defaultPolicy(spec: ServiceSpec, old: Service | undefined): string {
  const before = old?.spec.ipFamilyPolicy;
  if (before !== undefined) return before;
  return isHeadlessWithoutSelector(spec) ? 'RequireDualStack' : 'SingleStack';
}

/** Setting the policy to SingleStack is enough to release the second family. */
function releaseSecondary(spec: ServiceSpec, old: Service | undefined): FieldError[] {
  if (old === undefined) return [];
  const fields = [
    ['clusterIPs', 'cluster IP'],
    ['ipFamilies', 'IP family'],
  ] as const;
  return fields.flatMap(([field, noun]) => {
    const [now = [], before = []] = [spec[field], old.spec[field]];
    if (spec.ipFamilyPolicy === 'SingleStack') {
      if (sameTexts(now, before) && now.length > 1) spec[field] = now.slice(0, 1);
      return [];
    }
    if (now.length === 0 || now.length >= before.length) return [];
    const detail = `must be 'SingleStack' to release the secondary ${noun}`;
    return [invalid(IP_FAMILY_POLICY, spec.ipFamilyPolicy, detail)];
  });
}

function checkSingleStack(spec: ServiceSpec): FieldError[] {
  if (spec.ipFamilyPolicy !== 'SingleStack') return [];
  const fields = [
    ['clusterIPs', 'cluster IPs'],
    ['ipFamilies', 'IP families'],
  ] as const;
  return fields
    .filter(([field]) => spec[field]?.length === 2)
    .map(([, noun]) => {
      const detail = `must be 'RequireDualStack' or 'PreferDualStack' when multiple ${noun} are specified`;
      return invalid(IP_FAMILY_POLICY, spec.ipFamilyPolicy, detail);
    });
}

/** Infers families from the requested addresses. */
function inferFamilies(spec: ServiceSpec, configured: readonly IPFamily[]): FieldError[] {
  const clusterIPs = spec.clusterIPs ?? [];
  if (clusterIPs[0] === CLUSTER_IP_NONE) return [];
  return clusterIPs.flatMap((ip, index) => {
    if (index < (spec.ipFamilies ?? []).length) return [];
    const family = familyOf(parseIP(ip)!);
    if (!configured.includes(family)) {
      const detail = `${family} is not configured on this cluster`;
      return [invalid(CLUSTER_IPS.index(index), clusterIPs, detail)];
    }
    spec.ipFamilies = [...(spec.ipFamilies ?? []), family];
    return [];
  });
}

function checkConfigured(spec: ServiceSpec, configured: readonly IPFamily[]): FieldError[] {
  const errors: FieldError[] = [];
  if (spec.ipFamilyPolicy === 'RequireDualStack' && configured.length < 2) {
    const detail = 'this cluster is not configured for dual-stack services';
    errors.push(invalid(IP_FAMILY_POLICY, spec.ipFamilyPolicy, detail));
  }
  for (const [index, family] of (spec.ipFamilies ?? []).entries()) {
    if ((configured as readonly string[]).includes(family)) continue;
    errors.push(invalid(IP_FAMILIES.index(index), family, 'not configured on this cluster'));
  }
  return errors;
}

function completeFamilies(
  spec: ServiceSpec,
  configured: readonly IPFamily[],
  { canHaveTwo }: { readonly canHaveTwo: boolean },
): void {
  const families = spec.ipFamilies?.length ? spec.ipFamilies : [configured[0]!];
  const wantsTwo = spec.ipFamilyPolicy !== 'SingleStack' && canHaveTwo;
  spec.ipFamilies = wantsTwo && families.length === 1 ? [...families, otherFamily(families[0]!)] : families;
}
