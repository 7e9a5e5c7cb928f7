/** Upstream's `Preconditions.Check` (https://github.com/kubernetes/apiserver/blob/master/pkg/storage/interfaces.go). */

import { StorageError } from './errors.ts';
import type { Preconditions } from './storage.ts';

/** Throws InvalidPreconditions unless `object`, which stands at `resourceVersion`, meets them. */
export function checkPreconditions(
  key: string,
  preconditions: Preconditions | undefined,
  { object, resourceVersion }: { object: unknown; resourceVersion: number },
): void {
  if (preconditions === undefined) return;
  const metadata = (object as { metadata?: { uid?: string } } | undefined)?.metadata;
  const uid = metadata?.uid ?? '';
  const found = resourceVersion === 0 ? '' : String(resourceVersion);
  if (preconditions.uid !== undefined && preconditions.uid !== uid) {
    throw failed(key, `UID in precondition: ${preconditions.uid}, UID in object meta: ${uid}`);
  }
  if (preconditions.resourceVersion !== undefined && preconditions.resourceVersion !== found) {
    throw failed(
      key,
      `ResourceVersion in precondition: ${preconditions.resourceVersion}, ResourceVersion in object meta: ${found}`,
    );
  }
}

function failed(key: string, what: string): StorageError {
  return new StorageError('InvalidPreconditions', `Precondition failed: ${what}`, { key });
}
