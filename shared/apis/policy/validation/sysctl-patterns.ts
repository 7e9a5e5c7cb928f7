/** Rules for patterns of kernel parameters in policies. */

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

/** The error is told of the narrower of two patterns. */
export function validateSysctlOverlaps(allowed: Patterns, refused: Patterns): FieldError[] {
  return allowed.patterns.flatMap((one, index) =>
    refused.patterns.flatMap((other, otherIndex) => {
      if (covers(other, one))
        return [invalid(allowed.path.index(index), one, `sysctl overlaps with ${other}`)];
      if (!covers(one, other)) return [];
      return [invalid(refused.path.index(otherIndex), other, `sysctl overlaps with ${one}`)];
    }),
  );
}

/** Whether all that the second pattern matches, the first one matches. */
function covers(pattern: string, other: string): boolean {
  if (!pattern.endsWith('*')) return pattern === other;
  return other.replace(/\*$/, '').startsWith(pattern.slice(0, -1));
}
