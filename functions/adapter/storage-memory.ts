/** The share of a function's memory that its storage may use. */

import type { StorageTuning } from '../../shared/storage/dynamodb/dynamodb-storage-factory.ts';
import { newStorageMemory } from '../../shared/storage/dynamodb/storage-memory.ts';
import { functionMemory } from './function-memory.ts';

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
): Required<Pick<StorageTuning, 'memoryBytes' | 'formBytes' | 'windowBytes'>> {
  const rest = megabytes === undefined ? Number.POSITIVE_INFINITY : Math.max(0, megabytes - BASE_MEGABYTES);
  const bytes = (share: number, most: number) =>
    Math.floor(Math.min(most, Math.max(LEAST_MEGABYTES, rest * share)) * MEGABYTE);
  return {
    memoryBytes: bytes(OBJECTS_SHARE, MOST.memory),
    formBytes: bytes(FORMS_SHARE, MOST.forms),
    windowBytes: Math.floor(Math.min(MOST.window, Math.max(0.25, rest * WINDOW_SHARE)) * MEGABYTE),
  };
}

/** Memory budgets shared by all storages of a function. */
export function storageBounds(
  environment: NodeJS.ProcessEnv,
): Required<Pick<StorageTuning, 'memory' | 'windowBytes'>> {
  const megabytes = Number(environment['AWS_LAMBDA_FUNCTION_MEMORY_SIZE']) || undefined;
  const { memoryBytes, formBytes, windowBytes } = storageMemory(megabytes);
  return { memory: newStorageMemory(memoryBytes, formBytes, functionMemory.hasRoom), windowBytes };
}

/** Memory of a loaded tenant without its objects: see `npm run bench -- fleet`. */
const TENANT_MEGABYTES = 5;
const TENANTS_SHARE = 0.35;
const TENANTS = { least: 4, most: 50 };

/** Number of tenants that a fleet's function may have loaded at the same time. */
export function loadedTenants(megabytes: number | undefined): number {
  const rest = megabytes === undefined ? Number.POSITIVE_INFINITY : megabytes - BASE_MEGABYTES;
  const room = Math.floor((rest * TENANTS_SHARE) / TENANT_MEGABYTES);
  return Math.min(TENANTS.most, Math.max(TENANTS.least, room));
}
