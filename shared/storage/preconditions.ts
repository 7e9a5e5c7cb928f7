/** Upstream's `Preconditions.Check` (https://github.com/kubernetes/apiserver/blob/master/pkg/storage/interfaces.go). */

import { StorageError } from './errors.ts';
import type { Preconditions } from './storage.ts';

/** Throws InvalidPreconditions unless `state`, at `resourceVersion`, meets them. Decodes the state only for its uid. */
export function checkPreconditions(
  key: string,
  preconditions: Preconditions | undefined,
  { state, resourceVersion }: { state: { object(): unknown } | undefined; resourceVersion: number },
): void {
  if (preconditions === undefined) return;
  const found = resourceVersion === 0 ? '' : String(resourceVersion);
  if (preconditions.uid !== undefined) {
    const { metadata } = (state?.object() ?? {}) as { metadata?: { uid?: string } };
    const uid = metadata?.uid ?? '';
    if (preconditions.uid !== uid) {
      throw failed(key, `UID in precondition: ${preconditions.uid}, UID in object meta: ${uid}`);
    }
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
