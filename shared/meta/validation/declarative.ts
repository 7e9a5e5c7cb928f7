/**
 * Rules of upstream's declarative validation, whose messages differ from those of handwritten validation
 * (https://github.com/kubernetes/kubernetes/tree/master/staging/src/k8s.io/apimachinery/pkg/api/validate).
 */

import { type FieldError, invalid } from '../field-error.ts';
import type { FieldPath } from '../field-path.ts';
import { FIELD_IMMUTABLE } from './object-meta.ts';

/** Exactly one member of a union must be set. */
export function validateUnion<T extends object>(
  value: T,
  members: readonly (keyof T & string)[],
  path: FieldPath,
): FieldError[] {
  const set = members.filter((member) => value[member] !== undefined && value[member] !== null);
  const all = members.map((member) => `\`${member}\``).join(', ');
  if (set.length === 0) return [invalid(path, '', `must specify one of: ${all}`)];
  if (set.length === 1) return [];
  return [invalid(path, `{${set.join(', ')}}`, `must specify exactly one of: ${all}`)];
}

/** Omits the value, unlike the handwritten rule. */
export const immutableError = (path: FieldPath): FieldError => invalid(path, null, FIELD_IMMUTABLE);

export const minimumError = (path: FieldPath, value: number, min: number): FieldError =>
  invalid(path, value, `must be greater than or equal to ${min}`);
