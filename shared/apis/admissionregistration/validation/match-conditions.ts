import {
  duplicate,
  type FieldError,
  invalid,
  invalidEach,
  required,
  tooMany,
} from '../../../meta/field-error.ts';
import type { FieldPath } from '../../../meta/field-path.ts';
import { isQualifiedName } from '../../../meta/validation/names.ts';
import { appendAll } from '../../../util/append-all.ts';
import type { MatchCondition } from '../v1/types.ts';
import type { ExpressionVariables, NewExpressionChecker } from './expression-checker.ts';

const MAX_CONDITIONS = 64;

/** Match conditions have no access to a policy's variables. */
export function validateMatchConditions(
  conditions: readonly MatchCondition[] | undefined,
  { params }: Pick<ExpressionVariables, 'params'>,
  newChecker: NewExpressionChecker,
  path: FieldPath,
): FieldError[] {
  if (!conditions?.length) return [];
  const errors: FieldError[] = [];
  if (conditions.length > MAX_CONDITIONS) errors.push(tooMany(path, conditions.length, MAX_CONDITIONS));
  const checker = newChecker({ composes: false });
  const names = new Set<string>();
  for (const [index, { name, expression }] of conditions.entries()) {
    const at = path.index(index);
    const trimmed = expression.trim();
    if (trimmed === '') errors.push(required(at.child('expression'), ''));
    else {
      const why = checker.check(trimmed, 'matchCondition', { params, authorizer: true });
      if (why !== undefined) errors.push(invalid(at.child('expression'), trimmed, why));
    }
    if (name === '') {
      errors.push(required(at.child('name'), ''));
      continue;
    }
    appendAll(errors, invalidEach(at.child('name'), name, isQualifiedName(name)));
    if (names.has(name)) errors.push(duplicate(at.child('name'), name));
    names.add(name);
  }
  return errors;
}
