/** Rules common to many kinds (kubernetes `pkg/apis/core/validation/validation.go`). */

import { type FieldError, invalid } from '../../../meta/field-error.ts';
import type { FieldPath } from '../../../meta/field-path.ts';
import type { ObjectMeta } from '../../../meta/v1/types.ts';
import { IS_NEGATIVE_ERROR } from '../../../meta/validation/format.ts';
import { isDNS1123Label, isDNS1123Subdomain, isQualifiedName } from '../../../meta/validation/names.ts';
import { Quantity } from '../../../runtime/quantity.ts';
import { isIntegerResourceName } from '../resource-names.ts';

const IS_NOT_POSITIVE_ERROR = 'must be greater than zero';
const IS_NOT_INTEGER_ERROR = 'must be an integer';

const STANDARD_FINALIZERS = ['kubernetes', 'orphan', 'foregroundDeletion'];

/** The field of errors about the whole object: Go's text of `field.NewPath("")`. */
export const WHOLE = '[]';

/** One error per message. */
export function invalidEach(path: FieldPath, value: unknown, messages: readonly string[]): FieldError[] {
  return messages.map((message) => invalid(path, value, message));
}

export function validateDNS1123Label(value: string, path: FieldPath): FieldError[] {
  return invalidEach(path, value, isDNS1123Label(value));
}

export function validateDNS1123Subdomain(value: string, path: FieldPath): FieldError[] {
  return invalidEach(path, value, isDNS1123Subdomain(value));
}

export function validateQualifiedName(value: string, path: FieldPath): FieldError[] {
  return invalidEach(path, value, isQualifiedName(value));
}

export function validatePositiveField(value: number, path: FieldPath): FieldError[] {
  return value <= 0 ? [invalid(path, value, IS_NOT_POSITIVE_ERROR)] : [];
}

function validateNonnegativeQuantity(value: Quantity, path: FieldPath): FieldError[] {
  return value.sign < 0 ? [invalid(path, value.toString(), IS_NEGATIVE_ERROR)] : [];
}

export function validatePositiveQuantity(value: Quantity, path: FieldPath): FieldError[] {
  return value.sign <= 0 ? [invalid(path, value.toString(), IS_NOT_POSITIVE_ERROR)] : [];
}

/** Validates an amount of a resource. */
export function validateResourceQuantityValue(
  resource: string,
  value: Quantity,
  path: FieldPath,
): FieldError[] {
  const errors = validateNonnegativeQuantity(value, path);
  if (!value.isWhole && isIntegerResourceName(resource)) {
    errors.push(invalid(path, value.toString(), IS_NOT_INTEGER_ERROR));
  }
  return errors;
}

/** Entries sorted by key, so that the order of errors is deterministic. */
export function sortedEntries<T>(map: Readonly<Record<string, T>> | null | undefined): [string, T][] {
  return Object.entries(map ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));
}

/** Finalizers without a domain must be in a list of old ones. */
export function validateKubeFinalizerName(name: string, path: FieldPath): FieldError[] {
  if (name.includes('/') || STANDARD_FINALIZERS.includes(name)) return [];
  return [invalid(path, name, 'name is neither a standard finalizer name nor is it fully qualified')];
}

/** Upstream's rules for finalizers of built-in kinds, in addition to apimachinery's. */
export function validateKubeFinalizers({ finalizers }: ObjectMeta, path: FieldPath): FieldError[] {
  return (finalizers ?? []).flatMap((name, index) =>
    validateKubeFinalizerName(name, path.child('finalizers').index(index)),
  );
}

export function quantityOf(text: string | undefined): Quantity {
  return text === undefined || text === '' ? Quantity.zero : Quantity.parse(text);
}
