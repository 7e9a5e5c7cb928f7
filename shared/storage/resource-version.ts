/** Resource versions as requests carry them. */

import { StorageError } from './errors.ts';

/**
 * The number a resource version stands for; 0 for '' and '0', which callers tell apart where it matters. Throws
 * InvalidResourceVersion, in the words of upstream's `APIObjectVersioner.ParseResourceVersion`.
 */
export function parseResourceVersion(resourceVersion: string | undefined): number {
  if (resourceVersion === undefined || resourceVersion === '') return 0;
  const why = !/^\d+$/.test(resourceVersion)
    ? 'invalid syntax'
    : !Number.isSafeInteger(Number(resourceVersion))
      ? 'value out of range'
      : undefined;
  if (why === undefined) return Number(resourceVersion);
  const quoted = JSON.stringify(resourceVersion);
  throw new StorageError(
    'InvalidResourceVersion',
    `resourceVersion: Invalid value: ${quoted}: strconv.ParseUint: parsing ${quoted}: ${why}`,
  );
}
