/** How much of its machine's memory a host of many tenants may fill, and when it is short of it. */

import { getHeapStatistics } from 'node:v8';

const MEGABYTE = 1024 * 1024;
/** What the program takes that holds no tenant, rounded up. */
const BASE_MEGABYTES = 256;
/** A loaded tenant, beside the objects that it holds: see `npm run bench -- fleet`. */
const TENANT_MEGABYTES = 5;
/** Of the rest: objects as they are stored, encodings of them; what is left is for tenants and requests. */
const OBJECTS_SHARE = 0.25;
const FORMS_SHARE = 0.06;
const TENANTS_SHARE = 0.5;
const LEAST_TENANTS = 8;
const LEAST_MEGABYTES = 8;
/** Of what there is: beyond, tenants that nobody asks for go. */
const SHORT_SHARE = 0.85;

export interface HostMemory {
  readonly maxLoaded: number;
  readonly objectBytes: number;
  readonly formBytes: number;
  readonly isShort: () => boolean;
}

/** Bytes that this process may take: of its container, or of its heap. */
export function processMemory(): number {
  const heap = getHeapStatistics().heap_size_limit;
  const constrained = process.constrainedMemory() || Number.POSITIVE_INFINITY;
  // What is beside the heap (buffers, code) is about as much again, of what there is.
  return Math.min(constrained, heap * 2);
}

export function hostMemory(
  bytes: number,
  usedBytes: () => number = () => process.memoryUsage.rss(),
): HostMemory {
  const rest = Math.max(0, bytes / MEGABYTE - BASE_MEGABYTES);
  const share = (of: number) => Math.floor(Math.max(LEAST_MEGABYTES, rest * of) * MEGABYTE);
  return {
    maxLoaded: Math.max(LEAST_TENANTS, Math.floor((rest * TENANTS_SHARE) / TENANT_MEGABYTES)),
    objectBytes: share(OBJECTS_SHARE),
    formBytes: share(FORMS_SHARE),
    isShort: () => usedBytes() > bytes * SHORT_SHARE,
  };
}
