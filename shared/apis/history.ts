/** What held at each minor since 1.20, of a thing that changes from minor to minor: a table of changes. */

import { compareMinors } from './minor.ts';

/** Key -> from which minor on it is what; null: it is not there. */
export type Changes<V> = Readonly<Record<string, readonly (readonly [minor: string, value: V | null])[]>>;

/** The minors that the changes are of, and the changes. */
export interface History<V> {
  readonly minors: readonly string[];
  readonly changes: Changes<V>;
}

/** What a key is at a minor; null: nothing. */
export function valueAt<V>(changes: Changes<V>[string] | undefined, minor: string): V | null {
  return changes?.findLast(([from]) => compareMinors(from, minor) <= 0)?.[1] ?? null;
}

/** What a history says of a minor. */
export function tableAt<V>({ changes }: History<V>, minor: string): Record<string, V> {
  const entries = Object.keys(changes).flatMap((key): [string, V][] => {
    const value = valueAt(changes[key], minor);
    return value === null ? [] : [[key, value]];
  });
  return Object.fromEntries(entries);
}
