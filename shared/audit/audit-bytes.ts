import { getHeapStatistics } from 'node:v8';

/** Bytes that waiting audit events of a process may take: a share of the heap. */
export const auditBytes = (): number => getHeapStatistics().heap_size_limit / 16;
