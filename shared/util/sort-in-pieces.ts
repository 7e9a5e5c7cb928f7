import { type Pieces, shouldYield } from './breathe.ts';

/** Number of items sorted in one piece. */
const RUN = 4096;

type Compare<T> = (a: T, b: T) => number;

/** Returns a sorted copy, as `toSorted` does. */
export function* sortInPieces<T>(items: readonly T[], compare: Compare<T>): Pieces<T[]> {
  let runs: T[][] = [];
  for (let at = 0; at < items.length; at += RUN) {
    if (at > 0) yield;
    runs.push(items.slice(at, at + RUN).sort(compare));
  }
  while (runs.length > 1) {
    const merged: T[][] = [];
    for (let i = 0; i < runs.length; i += 2) {
      merged.push(runs[i + 1] === undefined ? runs[i]! : yield* merge(runs[i]!, runs[i + 1]!, compare));
    }
    runs = merged;
  }
  return runs[0] ?? [];
}

/** Stable: equal items of `left` come first. */
function* merge<T>(left: readonly T[], right: readonly T[], compare: Compare<T>): Pieces<T[]> {
  const merged: T[] = [];
  for (let l = 0, r = 0; l < left.length || r < right.length; ) {
    const takesLeft = r === right.length || (l < left.length && compare(left[l]!, right[r]!) <= 0);
    merged.push(takesLeft ? left[l++]! : right[r++]!);
    if (shouldYield()) yield;
  }
  return merged;
}
