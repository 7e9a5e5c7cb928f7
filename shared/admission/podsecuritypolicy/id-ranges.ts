import type { IDRange } from '../../apis/policy/v1beta1/types.ts';

export function isInRanges(id: number, ranges: readonly IDRange[]): boolean {
  return ranges.some(({ min, max }) => id >= min && id <= max);
}

/** In Go's format: `[{1 3} {5 5}]`. */
export function formatRanges(ranges: readonly IDRange[]): string {
  return `[${ranges.map(({ min, max }) => `{${min} ${max}}`).join(' ')}]`;
}
