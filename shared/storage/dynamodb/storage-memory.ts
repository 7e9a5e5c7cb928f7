import { FormBudget } from '../object-forms.ts';
import type { SharedContents } from '../shared-contents.ts';
import { MemoryBudget } from './memory-budget.ts';

const MEMORY_BYTES = 256 * 1024 * 1024;
const FORM_BYTES = 64 * 1024 * 1024;

/** Memory budgets shared by all storages of one process. */
export interface StorageMemory {
  readonly objects: MemoryBudget;
  readonly forms: FormBudget;
  /** Whether this many more bytes fit into the process's memory; asked by large reads. Absent: always. */
  readonly hasRoom?: ((bytes: number) => boolean) | undefined;
  /** Contents in common, for a process with many tenants. Absent: each object has its own. */
  readonly contents?: SharedContents | undefined;
}

/** In bytes: objects as they are stored, and encodings made of them. */
export function newStorageMemory(
  memoryBytes: number = MEMORY_BYTES,
  formBytes: number = FORM_BYTES,
  hasRoom?: StorageMemory['hasRoom'],
): StorageMemory {
  return { objects: new MemoryBudget(memoryBytes), forms: new FormBudget(formBytes), hasRoom };
}
