/** Rules for sysctl patterns in policies. */

import { type FieldError, forbidden, invalid } from '../../../meta/field-error.ts';
import type { FieldPath } from '../../../meta/field-path.ts';
import { byteLength } from '../../../meta/validation/format.ts';
import { ALL } from '../pod-security-policy.ts';

const MAX_SYSCTL_LENGTH = 253;
const SEGMENT = '[a-z0-9]([-_a-z0-9]*[a-z0-9])?';
const LAST_SEGMENT = '([a-z0-9][-_a-z0-9]*)?[a-z0-9*]';
const PATTERN = `(${SEGMENT}\\.)*${LAST_SEGMENT}`;
const segment = new RegExp(`^${SEGMENT}$`);
const lastSegment = new RegExp(`^${LAST_SEGMENT}$`);

function isSysctlPattern(pattern: string): boolean {
  const segments = pattern.split('.');
  const last = segments.pop()!;
  return (
    byteLength(pattern) <= MAX_SYSCTL_LENGTH &&
    lastSegment.test(last) &&
    segments.every((part) => segment.test(part))
  );
}

export function validateSysctlPatterns(path: FieldPath, patterns: readonly string[]): FieldError[] {
  const errors = patterns.flatMap((pattern, index) => {
    if (pattern === '') return [invalid(path.index(index), pattern, 'empty sysctl not allowed')];
    if (isSysctlPattern(pattern)) return [];
    const detail = `must have at most ${MAX_SYSCTL_LENGTH} characters and match regex ${PATTERN}`;
    return [invalid(path.index(index), pattern, detail)];
  });
  if (patterns.length > 1 && patterns.includes(ALL)) {
    errors.push(forbidden(path.child('items'), "if '*' is present, must not specify other sysctls"));
  }
  return errors;
}

export interface Patterns {
  readonly path: FieldPath;
  readonly patterns: readonly string[];
}

/** Maximum number of overlapping pairs reported. */
const MAX_OVERLAPS = 10_000;

/** The error is reported at the narrower pattern. */
export function validateSysctlOverlaps(allowed: Patterns, refused: Patterns): FieldError[] {
  const errors: FieldError[] = [];
  const overlapping = overlapsWith(refused.patterns);
  for (const [index, one] of allowed.patterns.entries()) {
    for (const otherIndex of overlapping(one, MAX_OVERLAPS - errors.length)) {
      const other = refused.patterns[otherIndex]!;
      errors.push(
        covers(other, one)
          ? invalid(allowed.path.index(index), one, `sysctl overlaps with ${other}`)
          : invalid(refused.path.index(otherIndex), other, `sysctl overlaps with ${one}`),
      );
    }
  }
  return errors;
}

const stemOf = (pattern: string): string => pattern.replace(/\*$/, '');

/** Whether the first pattern matches everything that the second one does. */
function covers(pattern: string, other: string): boolean {
  if (!pattern.endsWith('*')) return pattern === other;
  return stemOf(other).startsWith(pattern.slice(0, -1));
}

/**
 * Returns a function that finds the indexes of patterns that cover a given one or are covered by it, at most `max`.
 * Those that cover it are prefixes of it; those it covers are adjacent in sorted order. Ignores patterns that are too
 * long to be valid.
 */
function overlapsWith(patterns: readonly string[]): (one: string, max: number) => number[] {
  const sorted = patterns
    .map((pattern, index) => ({ stem: stemOf(pattern), isOpen: pattern.endsWith('*'), index }))
    .filter(({ stem }) => stem.length <= MAX_SYSCTL_LENGTH)
    .sort((left, right) => (left.stem < right.stem ? -1 : left.stem > right.stem ? 1 : 0));
  const firstAt = (stem: string): number => {
    let [low, high] = [0, sorted.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (sorted[middle]!.stem < stem) low = middle + 1;
      else high = middle;
    }
    return low;
  };
  const lengths = [...new Set(sorted.map(({ stem }) => stem.length))];
  return (one, max) => {
    const stem = stemOf(one);
    if (stem.length > MAX_SYSCTL_LENGTH) return [];
    const found = new Set<number>();
    const take = (at: number): void => {
      if (found.size < max) found.add(sorted[at]!.index);
    };
    for (const length of lengths) {
      if (length > stem.length) continue;
      const start = stem.slice(0, length);
      for (let at = firstAt(start); found.size < max && sorted[at]?.stem === start; at++) {
        if (sorted[at]!.isOpen || patterns[sorted[at]!.index] === one) take(at);
      }
    }
    if (!one.endsWith('*')) return [...found].sort((left, right) => left - right);
    for (let at = firstAt(stem); found.size < max && sorted[at]?.stem.startsWith(stem); at++) take(at);
    return [...found].sort((left, right) => left - right);
  };
}
