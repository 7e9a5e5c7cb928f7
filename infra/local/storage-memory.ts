/** The share of this machine's memory that a process's storage may use. */

import { totalmem } from 'node:os';
import { newStorageMemory, type StorageMemory } from '../../shared/storage/dynamodb/storage-memory.ts';

const MEGABYTE = 1024 * 1024;
/** Minimum: even small machines that run a server have this much. */
const LEAST_BYTES = 256 * MEGABYTE;
/** Enough for 300,000 objects of 2 KB; pages of larger clusters are read from the store. */
const MOST_BYTES = 1024 * MEGABYTE;
/** Leaves memory for other programs, and for responses. */
const SHARE = 1 / 8;

/** For all control planes of this process together. */
export const localStorageMemory = (): StorageMemory => newStorageMemory(objectBytes(machineMemory()));

/** Bytes of objects to cache, on a machine or in a container with that much memory. */
export function objectBytes(machineBytes: number): number {
  return Math.floor(Math.min(MOST_BYTES, Math.max(LEAST_BYTES, machineBytes * SHARE)));
}

/** Bytes of memory of the machine, or of the container if that has less. */
export function machineMemory(): number {
  // 0, or more than the machine's memory: there is no limit.
  const bound = process.constrainedMemory?.() || Number.POSITIVE_INFINITY;
  return Math.min(totalmem(), bound);
}
