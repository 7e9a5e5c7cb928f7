/**
 * What resource names mean
 * (https://github.com/kubernetes/kubernetes/blob/master/pkg/apis/core/helper/helpers.go).
 */

import { isQualifiedName } from '../meta/validation/names.ts';

const NATIVE_PREFIX = 'kubernetes.io/';
const REQUESTS_PREFIX = 'requests.';
const HUGE_PAGES_PREFIX = 'hugepages-';

/** Without a domain, or of Kubernetes' own. */
export function isNativeResource(name: string): boolean {
  return !name.includes('/') || name.includes(NATIVE_PREFIX);
}

export function isHugePageResource(name: string): boolean {
  return name.startsWith(HUGE_PAGES_PREFIX);
}

/** Of some device's domain, and such that a quota may count its requests. */
export function isExtendedResourceName(name: string): boolean {
  if (isNativeResource(name) || name.startsWith(REQUESTS_PREFIX)) return false;
  return isQualifiedName(`${REQUESTS_PREFIX}${name}`).length === 0;
}
