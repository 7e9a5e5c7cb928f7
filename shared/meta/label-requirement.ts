/** One term of a label selector (apimachinery `pkg/labels/selector.go`, `Requirement`). */

import { appendAll } from '../util/append-all.ts';
import { integerOf } from '../util/integers.ts';
import { aggregateFieldErrors, type FieldError, invalid, notSupported } from './field-error.ts';
import { FieldPath } from './field-path.ts';
import { SelectorError } from './selector-error.ts';
import { isQualifiedName, isValidLabelValue } from './validation/names.ts';

export type LabelOperator = 'in' | 'notin' | '=' | '==' | '!=' | 'gt' | 'lt' | 'exists' | '!';

const OPERATORS: readonly LabelOperator[] = ['in', 'notin', '=', '==', '!=', 'gt', 'lt', 'exists', '!'];

const INT64 = /^[+-]?[0-9]+$/;

/** `strconv.ParseInt(text, 10, 64)`; undefined if it fails. */
export function parseInt64(text: string): bigint | undefined {
  if (!INT64.test(text)) return undefined;
  const value = integerOf(text);
  return value !== undefined && BigInt.asIntN(64, value) === value ? value : undefined;
}

function countError(operator: LabelOperator, values: readonly string[], path: FieldPath): FieldError[] {
  switch (operator) {
    case 'in':
    case 'notin':
      if (values.length > 0) return [];
      return [invalid(path, values, "for 'in', 'notin' operators, values set can't be empty")];
    case '=':
    case '==':
    case '!=':
      if (values.length === 1) return [];
      return [invalid(path, values, 'exact-match compatibility requires one single value')];
    case 'exists':
    case '!':
      if (values.length === 0) return [];
      return [invalid(path, values, 'values set must be empty for exists and does not exist')];
    case 'gt':
    case 'lt': {
      const errors =
        values.length === 1
          ? []
          : [invalid(path, values, "for 'Gt', 'Lt' operators, exactly one value is required")];
      values.forEach((value, index) => {
        if (parseInt64(value) !== undefined) return;
        const detail = "for 'Gt', 'Lt' operators, the value must be an integer";
        errors.push(invalid(path.index(index), value, detail));
      });
      return errors;
    }
    default:
      return [];
  }
}

function validate(key: string, operator: LabelOperator, values: readonly string[]): FieldError[] {
  const path = FieldPath.of('values');
  const errors: FieldError[] = [];
  const keyErrors = isQualifiedName(key);
  if (keyErrors.length > 0) errors.push(invalid('key', key, keyErrors.join('; ')));
  if (!OPERATORS.includes(operator)) errors.push(notSupported('operator', operator, OPERATORS));
  appendAll(errors, countError(operator, values, path));
  values.forEach((value, index) => {
    const valueErrors = isValidLabelValue(value);
    if (valueErrors.length === 0) return;
    errors.push(invalid(path.index(index).key(key), value, valueErrors.join('; ')));
  });
  return errors;
}

export class LabelRequirement {
  readonly key: string;
  readonly operator: LabelOperator;
  readonly values: readonly string[];

  private constructor(key: string, operator: LabelOperator, values: readonly string[]) {
    this.key = key;
    this.operator = operator;
    this.values = values;
  }

  /** Throws `SelectorError` listing all errors. */
  static of(key: string, operator: LabelOperator, values: readonly string[]): LabelRequirement {
    const errors = validate(key, operator, values);
    if (errors.length > 0) throw new SelectorError(aggregateFieldErrors(errors));
    return new LabelRequirement(key, operator, values);
  }

  /** For parts that have already been validated. */
  static unchecked(key: string, operator: LabelOperator, values: readonly string[]): LabelRequirement {
    return new LabelRequirement(key, operator, values);
  }

  toString(): string {
    const values = this.values.toSorted().join(',');
    switch (this.operator) {
      case 'exists':
        return this.key;
      case '!':
        return `!${this.key}`;
      case 'in':
      case 'notin':
        return `${this.key} ${this.operator} (${values})`;
      case 'gt':
        return `${this.key}>${values}`;
      case 'lt':
        return `${this.key}<${values}`;
      default:
        return `${this.key}${this.operator}${values}`;
    }
  }
}
