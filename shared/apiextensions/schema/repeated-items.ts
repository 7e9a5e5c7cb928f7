import { type Pieces, shouldYield } from '../../util/breathe.ts';
import { isJSONObject, sortedKeys } from '../../util/json.ts';

/** The index of the second occurrence of each repeated value in a list. Visits each value once. */
export function* repeatedItems(values: readonly unknown[]): Pieces<number[]> {
  if (values.length <= 1) return [];
  const times = new Map<string, number>();
  const indices: number[] = [];
  for (const [index, value] of values.entries()) {
    const key = identity(value);
    const seen = times.get(key) ?? 0;
    if (seen === 1) indices.push(index);
    times.set(key, seen + 1);
    if (shouldYield()) yield;
  }
  return indices;
}

/** A text that is equal for equal values only. */
function identity(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(identity).join(',')}]`;
  if (isJSONObject(value)) {
    const fields = sortedKeys(value).map((key) => `${JSON.stringify(key)}:${identity(value[key])}`);
    return `{${fields.join(',')}}`;
  }
  return typeof value === 'bigint' ? String(value) : (JSON.stringify(value) ?? 'undefined');
}
