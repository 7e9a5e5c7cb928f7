import { type Pieces, shouldYield } from './breathe.ts';

/** Bytes of a value in addition to its characters. */
const PER_VALUE = 96;
/** Bytes of a member's key in addition to its characters. */
const PER_KEY = 48;

/** Approximate memory of a JSON value, in bytes. Iterative, since the value may be deeply nested. */
export function* weightInPieces(root: unknown): Pieces<number> {
  let weight = 0;
  const waiting: unknown[] = [root];
  while (waiting.length > 0) {
    const value = waiting.pop();
    weight += PER_VALUE;
    if (typeof value === 'string') weight += value.length;
    else if (typeof value === 'object' && value !== null) {
      for (const key in value) {
        if (!Array.isArray(value)) weight += PER_KEY + key.length;
        waiting.push((value as Record<string, unknown>)[key]);
      }
    }
    if (shouldYield()) yield;
  }
  return weight;
}
