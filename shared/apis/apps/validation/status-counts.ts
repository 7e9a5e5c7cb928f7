import { type FieldError, invalid } from '../../../meta/field-error.ts';
import { FieldPath } from '../../../meta/field-path.ts';
import { validateNonnegativeField } from '../../../meta/validation/values.ts';

const STATUS = FieldPath.of('status');

type Counts<F extends string> = { readonly [K in F]?: number | undefined };

export function validateNonnegativeCounts<F extends string>(
  status: Counts<F>,
  fields: readonly F[],
): FieldError[] {
  return fields.flatMap((field) => validateNonnegativeField(status[field], STATUS.child(field)));
}

/** None of `fields` may exceed `limit`; `name` is its term in upstream's message. */
export function validateCountsWithin<F extends string>(
  status: Counts<F>,
  fields: readonly F[],
  { limit = 0, name }: { readonly limit: number | undefined; readonly name: string },
): FieldError[] {
  return fields
    .filter((field) => (status[field] ?? 0) > limit)
    .map((field) => invalid(STATUS.child(field), status[field] ?? 0, `cannot be greater than ${name}`));
}

/** The collision count must not decrease. */
export function validateCollisionCount(
  { collisionCount }: { readonly collisionCount?: number | undefined },
  old: { readonly collisionCount?: number | undefined },
): FieldError[] {
  if (old.collisionCount === undefined) return [];
  if (collisionCount !== undefined && collisionCount >= old.collisionCount) return [];
  return [invalid(STATUS.child('collisionCount'), collisionCount ?? 0, 'cannot be decremented')];
}
