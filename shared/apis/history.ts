/** Represents a table that varies by minor release, since 1.20, as a table of changes. */

import { compareMinors } from './minor.ts';

/** For each key, the values with the minor release that introduced them; null means removed. */
export type Changes<V> = Readonly<Record<string, readonly (readonly [minor: string, value: V | null])[]>>;

/** The minors covered, and the changes. */
export interface History<V> {
  readonly minors: readonly string[];
  readonly changes: Changes<V>;
}

/** The value of a key at a minor; null if there is none. */
export function valueAt<V>(changes: Changes<V>[string] | undefined, minor: string): V | null {
  return changes?.findLast(([from]) => compareMinors(from, minor) <= 0)?.[1] ?? null;
}

/** The table at a minor. */
export function tableAt<V>({ changes }: History<V>, minor: string): Record<string, V> {
  const entries = Object.keys(changes).flatMap((key): [string, V][] => {
    const value = valueAt(changes[key], minor);
    return value === null ? [] : [[key, value]];
  });
  return Object.fromEntries(entries);
}
