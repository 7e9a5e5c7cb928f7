/** How much of this machine's memory the storage of a process may hold. */

import { totalmem } from 'node:os';
import {
  newStorageMemory,
  type StorageMemory,
} from '../../shared/storage/dynamodb/dynamodb-storage-factory.ts';

const MEGABYTE = 1024 * 1024;
/** Who starts a server on a small machine has room for this much. */
const LEAST_BYTES = 256 * MEGABYTE;
/** As many as 300,000 objects of 2 KB; a cluster beyond that reads its pages from the store. */
const MOST_BYTES = 1024 * MEGABYTE;
/** Others live on the machine, too, and an answer takes room beside what it is made of. */
const SHARE = 1 / 8;

/** For all control planes of this process together. */
export const localStorageMemory = (): StorageMemory => newStorageMemory(objectBytes(machineMemory()));

/** Bytes of objects that are held, on a machine or in a container of so many bytes. */
export function objectBytes(machineBytes: number): number {
  return Math.floor(Math.min(MOST_BYTES, Math.max(LEAST_BYTES, machineBytes * SHARE)));
}

/** Bytes of the machine, or of the container where that has less. */
export function machineMemory(): number {
  // 0, or more than there is: no bound is known.
  const bound = process.constrainedMemory?.() || Number.POSITIVE_INFINITY;
  return Math.min(totalmem(), bound);
}
