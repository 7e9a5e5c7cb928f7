import { type FieldError, invalid, required, tooLong, tooMany } from '../../../meta/field-error.ts';
import type { FieldPath } from '../../../meta/field-path.ts';
import { byteLength } from '../../../meta/validation/format.ts';
import { validateNonnegativeField } from '../../../meta/validation/values.ts';
import { appendAll } from '../../../util/append-all.ts';
import type { SuccessPolicy, SuccessPolicyRule } from '../v1/types.ts';
import { countIndexes } from './indexes.ts';

const MAX_RULES = 20;
const MAX_INDEXES_LENGTH = 64 * 1024;

export function validateSuccessPolicy(
  policy: SuccessPolicy,
  completions: number,
  path: FieldPath,
): FieldError[] {
  const rules = policy.rules ?? [];
  const at = path.child('rules');
  const errors: FieldError[] = [];
  if (rules.length === 0) {
    const detail = 'at least one rules must be specified when the successPolicy is specified';
    errors.push(required(at, detail));
  }
  if (rules.length > MAX_RULES) errors.push(tooMany(at, rules.length, MAX_RULES));
  return errors.concat(rules.flatMap((rule, index) => validateRule(rule, completions, at.index(index))));
}

function validateRule(rule: SuccessPolicyRule, completions: number, path: FieldPath): FieldError[] {
  const { succeededCount: count, succeededIndexes: indexes } = rule;
  const errors: FieldError[] = [];
  if (count === undefined && indexes === undefined) {
    const detail = 'at least one of succeededCount or succeededIndexes must be specified';
    errors.push(required(path, detail));
  }
  let total = 0;
  if (indexes !== undefined) {
    const at = path.child('succeededIndexes');
    if (byteLength(indexes) > MAX_INDEXES_LENGTH) errors.push(tooLong(at, MAX_INDEXES_LENGTH));
    try {
      total = countIndexes(indexes, completions);
    } catch (error) {
      errors.push(invalid(at, indexes, `error parsing succeededIndexes: ${(error as Error).message}`));
    }
  }
  if (count === undefined) return errors;
  const at = path.child('succeededCount');
  appendAll(errors, validateNonnegativeField(count, at));
  if (count > completions) {
    const detail = `must be less than or equal to ${completions} (the number of specified completions)`;
    errors.push(invalid(at, count, detail));
  }
  if (indexes !== undefined && count > total) {
    const detail = `must be less than or equal to ${total} (the number of indexes in the specified succeededIndexes field)`;
    errors.push(invalid(at, count, detail));
  }
  return errors;
}
