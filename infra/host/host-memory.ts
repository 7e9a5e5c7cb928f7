/** Memory budgets of a host of many tenants, and its detection of memory pressure. */

import { getHeapStatistics } from 'node:v8';

const MEGABYTE = 1024 * 1024;
/** Memory of the program without tenants, rounded up. */
const BASE_MEGABYTES = 256;
/** Memory of a loaded tenant, besides its cached objects: see `npm run bench -- fleet`. */
const TENANT_MEGABYTES = 5;
/** Shares of the rest: objects as stored, encodings of them; what remains is for tenants and requests. */
const OBJECTS_SHARE = 0.25;
const FORMS_SHARE = 0.06;
const TENANTS_SHARE = 0.5;
const LEAST_TENANTS = 8;
const LEAST_MEGABYTES = 8;
/** Share of the memory above which idle tenants are dropped. */
const SHORT_SHARE = 0.85;

export interface HostMemory {
  readonly maxLoaded: number;
  readonly objectBytes: number;
  readonly formBytes: number;
  readonly isShort: () => boolean;
}

/** Maximum bytes of this process: by its container's limit, or by its heap's. */
export function processMemory(): number {
  const heap = getHeapStatistics().heap_size_limit;
  const constrained = process.constrainedMemory() || Number.POSITIVE_INFINITY;
  // Memory outside the heap (buffers, code) takes about as much again, if there is that much.
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
