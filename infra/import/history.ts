/** Tables of what each minor had. Each imported release adds a minor, in any order. */

import { isDeepStrictEqual } from 'node:util';
import { type Changes, type History, valueAt } from '../../shared/apis/history.ts';
import { compareMinors } from '../../shared/apis/minor.ts';

export const NO_HISTORY: History<never> = { minors: [], changes: {} };

/** The history with `table` as the state at `minor`. */
export function withMinor<V>(
  history: History<V>,
  minor: string,
  table: Readonly<Record<string, V>>,
): History<V> {
  const minors = [...new Set([...history.minors, minor])].sort(compareMinors);
  const keys = [...new Set([...Object.keys(history.changes), ...Object.keys(table)])].sort();
  const entries = keys.flatMap((key): [string, Changes<V>[string]][] => {
    const changes: [string, V | null][] = [];
    let last: V | null = null;
    for (const at of minors) {
      const value = at === minor ? (table[key] ?? null) : valueAt(history.changes[key], at);
      if (!isDeepStrictEqual(value, last)) changes.push([at, value]);
      last = value;
    }
    return changes.length === 0 ? [] : [[key, changes]];
  });
  return { minors, changes: Object.fromEntries(entries) };
}

/** One key per line. */
export function formatHistory<V>({ minors, changes }: History<V>): string {
  const lines = Object.entries(changes).map(
    ([key, value]) => `${JSON.stringify(key)}: ${JSON.stringify(value)}`,
  );
  return `{"minors": ${JSON.stringify(minors)}, "changes": {\n${lines.join(',\n')}\n}}\n`;
}
