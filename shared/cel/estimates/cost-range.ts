import { REGEX_LENGTH_FACTOR, STRING_TRAVERSAL_FACTOR } from '../cost.ts';

/** An inclusive range. Upstream saturates at 2^64, which is therefore the maximum here. */
export interface CostRange {
  readonly min: number;
  readonly max: number;
}

export const MAX = 2 ** 64;
export const ZERO: CostRange = { min: 0, max: 0 };
export const ONE: CostRange = { min: 1, max: 1 };
export const UNKNOWN: CostRange = { min: 0, max: MAX };

export function fixed(value: number): CostRange {
  return { min: value, max: value };
}

export function plus(...ranges: readonly CostRange[]): CostRange {
  return ranges.reduce(
    (a, b) => ({ min: Math.min(MAX, a.min + b.min), max: Math.min(MAX, a.max + b.max) }),
    ZERO,
  );
}

export function times(a: CostRange, b: CostRange): CostRange {
  return { min: Math.min(MAX, a.min * b.min), max: Math.min(MAX, a.max * b.max) };
}

export function scaled(range: CostRange, factor: number): CostRange {
  return {
    min: Math.min(MAX, Math.ceil(range.min * factor)),
    max: Math.min(MAX, Math.ceil(range.max * factor)),
  };
}

export function union(a: CostRange, b: CostRange): CostRange {
  return { min: Math.min(a.min, b.min), max: Math.max(a.max, b.max) };
}
/** The cost of traversing text of this size `count` times. */
export const traversal = (size: CostRange, count = 1): CostRange =>
  scaled(size, count * STRING_TRAVERSAL_FACTOR);
export const regex = (text: CostRange, pattern: CostRange): CostRange =>
  times(traversal(plus(text, ONE)), scaled(pattern, REGEX_LENGTH_FACTOR));
