/**
 * Classifies resources by name (https://github.com/kubernetes/kubernetes/blob/master/pkg/apis/core/helper/helpers.go).
 */

import { DNS1123_SUBDOMAIN_MAX_LENGTH, isQualifiedName } from '../../meta/validation/names.ts';
import { Quantity } from '../../runtime/quantity.ts';

const HUGE_PAGES_PREFIX = 'hugepages-';
const REQUESTS_PREFIX = 'requests.';

const STANDARD_CONTAINER: ReadonlySet<string> = new Set(['cpu', 'memory', 'ephemeral-storage']);

const COUNTED = [
  'pods',
  'resourcequotas',
  'services',
  'replicationcontrollers',
  'secrets',
  'persistentvolumeclaims',
  'configmaps',
  'services.nodeports',
  'services.loadbalancers',
];

const QUOTA: ReadonlySet<string> = new Set([
  ...COUNTED,
  ...['cpu', 'memory', 'ephemeral-storage'].flatMap((name) => [name, `requests.${name}`, `limits.${name}`]),
  'requests.storage',
]);

const STANDARD: ReadonlySet<string> = new Set([...QUOTA, 'storage']);
const INTEGER: ReadonlySet<string> = new Set(COUNTED);

export function isHugePageResourceName(name: string): boolean {
  return name.startsWith(HUGE_PAGES_PREFIX);
}

function isQuotaHugePageResourceName(name: string): boolean {
  return isHugePageResourceName(name) || name.startsWith(`${REQUESTS_PREFIX}${HUGE_PAGES_PREFIX}`);
}

/** Whether an amount of huge pages is a multiple of the page size in the name. */
export function isHugePageResourceValueDivisible(name: string, quantity: Quantity): boolean {
  let pageSize: Quantity;
  try {
    pageSize = Quantity.parse(name.slice(HUGE_PAGES_PREFIX.length));
  } catch {
    return false;
  }
  if (pageSize.sign <= 0 || pageSize.milliValue() % 1000n !== 0n) return false;
  return quantity.value() % pageSize.value() === 0n;
}

/** Whether the name is in `kubernetes.io/` or has no domain. */
export function isNativeResource(name: string): boolean {
  return !name.includes('/') || name.includes('kubernetes.io/');
}

/** Native resources except huge pages, for which a request may be less than the limit. */
export function isOvercommitAllowed(name: string): boolean {
  return isNativeResource(name) && !isHugePageResourceName(name);
}

export function isExtendedResourceName(name: string): boolean {
  if (isNativeResource(name) || name.startsWith(REQUESTS_PREFIX)) return false;
  // Quotas prepend `requests.` to the name, whose domain must not become too long.
  const hasRoom = name.indexOf('/') + REQUESTS_PREFIX.length <= DNS1123_SUBDOMAIN_MAX_LENGTH;
  return hasRoom && isQualifiedName(name).length === 0;
}

export function isStandardContainerResourceName(name: string): boolean {
  return STANDARD_CONTAINER.has(name) || isHugePageResourceName(name);
}

export function isStandardResourceName(name: string): boolean {
  return STANDARD.has(name) || isQuotaHugePageResourceName(name);
}

export function isStandardQuotaResourceName(name: string): boolean {
  return QUOTA.has(name) || isQuotaHugePageResourceName(name);
}

/** Whether the resource is counted in whole units. */
export function isIntegerResourceName(name: string): boolean {
  return INTEGER.has(name) || isExtendedResourceName(name);
}
