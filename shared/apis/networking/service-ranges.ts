/**
 * The usable addresses of a Service range
 * (https://github.com/kubernetes/kubernetes/blob/master/pkg/api/servicecidr/servicecidr.go).
 */

import type { ObjectMeta } from '../../meta/v1/types.ts';
import { type CIDR, type IPAddress, rangeSize } from '../../util/ip.ts';

/** Excludes the first address of a range, and for IPv4 the last one, which is for broadcast. */
export function serviceAddresses({ address, base, prefixLength }: CIDR): { first: bigint; last: bigint } {
  const size = rangeSize(address.family, prefixLength);
  return { first: base + 1n, last: base + size - (address.family === 4 ? 2n : 1n) };
}

export function hasServiceAddress(cidr: CIDR, { family, value }: IPAddress): boolean {
  const { first, last } = serviceAddresses(cidr);
  return cidr.address.family === family && value >= first && value <= last;
}

/** Whether `outer` contains all of `inner`. */
export function containsRange(outer: CIDR, inner: CIDR): boolean {
  const { family } = outer.address;
  if (family !== inner.address.family || outer.prefixLength > inner.prefixLength) return false;
  return inner.base >= outer.base && inner.base < outer.base + rangeSize(family, outer.prefixLength);
}

const MANAGED_BY = 'ipaddress.kubernetes.io/managed-by';
const ALLOCATOR = 'ipallocator.k8s.io';

/** Labels of the IPAddress of a Service. */
export const ALLOCATED: Readonly<Record<string, string>> = { [MANAGED_BY]: ALLOCATOR };

export const isAllocated = ({ labels }: ObjectMeta): boolean => labels?.[MANAGED_BY] === ALLOCATOR;
