/** Resource versions in requests. */

import { integerOf } from '../util/integers.ts';
import { StorageError } from './errors.ts';

const UINT64_MAX = 2n ** 64n - 1n;

/**
 * The number of a resource version; 0 for '' and '0', which callers distinguish where it matters. Numbers beyond 2^53,
 * which no object has, lose their last digits. Throws InvalidResourceVersion with the message of upstream's
 * `APIObjectVersioner.ParseResourceVersion`.
 */
export function parseResourceVersion(resourceVersion: string | undefined): number {
  if (resourceVersion === undefined || resourceVersion === '') return 0;
  const why = !/^\d+$/.test(resourceVersion)
    ? 'invalid syntax'
    : (integerOf(resourceVersion) ?? Infinity) > UINT64_MAX
      ? 'value out of range'
      : undefined;
  if (why === undefined) return Number(resourceVersion);
  const quoted = JSON.stringify(resourceVersion);
  throw new StorageError(
    'InvalidResourceVersion',
    `resourceVersion: Invalid value: ${quoted}: strconv.ParseUint: parsing ${quoted}: ${why}`,
  );
}
