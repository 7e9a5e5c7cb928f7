/** Whether items have the attributes that readers rely on; for checks only, since nothing else writes to the table. */

import type { Item } from './dynamodb-table.ts';
import { ENTRY_TYPES } from './revision-log.ts';

const isCount = (value: unknown): boolean => Number.isSafeInteger(value) && (value as number) > 0;

/** Bytes, or the number of parts that hold them. */
const hasValue = ({ d }: Item, parts: unknown): boolean =>
  d === undefined ? isCount(parts) : d instanceof Uint8Array;

/** What an object's item or tombstone lacks; undefined: nothing. */
export function objectItemFault(item: Item): string | undefined {
  if (!isCount(item['rv'])) return 'has no revision';
  if (item['del'] === true || hasValue(item, item['n'])) return undefined;
  return 'has no value';
}

/** What a log entry lacks; undefined: nothing. Entries of unknown types, of newer releases, are not judged. */
export function logEntryFault(item: Item): string | undefined {
  if (item['y'] !== ENTRY_TYPES.put && item['y'] !== ENTRY_TYPES.delete) return undefined;
  if (typeof item['k'] !== 'string') return 'has no key';
  return hasValue(item, item['m']) ? undefined : 'has no value';
}
