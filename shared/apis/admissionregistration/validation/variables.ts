import { type FieldError, invalid, required } from '../../../meta/field-error.ts';
import type { FieldPath } from '../../../meta/field-path.ts';
import type { Variable } from '../v1/types.ts';
import type { ExpressionChecker } from './expression-checker.ts';

const IDENTIFIER = /^[_a-zA-Z][_a-zA-Z0-9]*$/;
const RESERVED = new Set(
  'true false null in as break const continue else for function if import let loop package namespace return var void while'.split(
    ' ',
  ),
);

/** Adds the variables to the checker, which makes each available to later ones. */
export function validateVariables(
  variables: readonly Variable[] | undefined,
  params: boolean,
  checker: ExpressionChecker,
  path: FieldPath,
): FieldError[] {
  return (variables ?? []).flatMap(({ name, expression }, index) => {
    const at = path.index(index);
    const errors: FieldError[] = [];
    if (name.trim() === '') errors.push(required(at.child('name'), 'name is not specified'));
    else if (!IDENTIFIER.test(name) || RESERVED.has(name)) {
      errors.push(invalid(at.child('name'), name, 'must be a valid CEL identifier'));
    }
    if (expression.trim() === '') {
      return [...errors, required(at.child('expression'), 'expression is not specified')];
    }
    const why = checker.addVariable(name, expression, { params, authorizer: true });
    return why === undefined ? errors : [...errors, invalid(at.child('expression'), expression, why)];
  });
}
