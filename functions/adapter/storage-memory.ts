/** The share of a function's memory that its storage may use. */

import type { StorageTuning } from '../../shared/storage/dynamodb/dynamodb-storage-factory.ts';

const MEGABYTE = 1024 * 1024;
/**
 * Memory of a function that has served every kind of request and caches nothing, rounded up: code, tables, requests.
 */
const BASE_MEGABYTES = 192;
/** Shares of the rest: objects as stored, and the forms made of them. */
const OBJECTS_SHARE = 0.35;
const FORMS_SHARE = 0.08;
/** A minimum for small functions, so that a namespace is read once, and not for each request. */
const LEAST_MEGABYTES = 4;
const MOST = { memory: 256, forms: 64, window: 4 };
const WINDOW_SHARE = 0.005;

/** `megabytes`: `AWS_LAMBDA_FUNCTION_MEMORY_SIZE`; undefined: the maximum budgets. */
export function storageMemory(
  megabytes: number | undefined,
): Pick<StorageTuning, 'memoryBytes' | 'formBytes' | 'windowBytes'> {
  const rest = megabytes === undefined ? Number.POSITIVE_INFINITY : Math.max(0, megabytes - BASE_MEGABYTES);
  const bytes = (share: number, most: number) =>
    Math.floor(Math.min(most, Math.max(LEAST_MEGABYTES, rest * share)) * MEGABYTE);
  return {
    memoryBytes: bytes(OBJECTS_SHARE, MOST.memory),
    formBytes: bytes(FORMS_SHARE, MOST.forms),
    windowBytes: Math.floor(Math.min(MOST.window, Math.max(0.25, rest * WINDOW_SHARE)) * MEGABYTE),
  };
}
