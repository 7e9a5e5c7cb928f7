import {
  duplicate,
  type FieldError,
  invalid,
  invalidEach,
  notSupported,
  OMITTED,
  required,
  tooMany,
} from '../../../meta/field-error.ts';
import type { FieldPath } from '../../../meta/field-path.ts';
import { isQualifiedName } from '../../../meta/validation/names.ts';
import { quoteAll } from '../../../runtime/go-format.ts';
import { appendAll } from '../../../util/append-all.ts';
import type {
  JobSpec,
  PodFailurePolicyOnExitCodesRequirement,
  PodFailurePolicyOnPodConditionsPattern,
  PodFailurePolicyRule,
} from '../v1/types.ts';

const MAX_RULES = 20;
const MAX_EXIT_CODES = 255;
const MAX_PATTERNS = 20;
const ACTIONS = ['Count', 'FailIndex', 'FailJob', 'Ignore'];
const OPERATORS = ['In', 'NotIn'];
const STATUSES = ['False', 'True', 'Unknown'];

export function validatePodFailurePolicy(spec: JobSpec, path: FieldPath): FieldError[] {
  const rulesPath = path.child('rules');
  const rules = spec.podFailurePolicy?.rules ?? [];
  const { containers, initContainers } = spec.template.spec;
  const names = new Set([...(containers ?? []), ...(initContainers ?? [])].map(({ name }) => name));
  const errors = rules.length > MAX_RULES ? [tooMany(rulesPath, rules.length, MAX_RULES)] : [];
  return errors.concat(
    rules.flatMap((rule, index) => [
      ...validateAction(rule.action, spec, rulesPath.index(index).child('action')),
      ...validateRule(rule, names, rulesPath.index(index)),
    ]),
  );
}

/** Requires one of the allowed values. */
function validateWord(word: string, allowed: readonly string[], path: FieldPath): FieldError[] {
  if (word === '') return [required(path, `valid values: ${quoteAll(allowed)}`)];
  return allowed.includes(word) ? [] : [notSupported(path, word, allowed)];
}

function validateAction(action: string, spec: JobSpec, path: FieldPath): FieldError[] {
  if (action === 'FailIndex' && spec.backoffLimitPerIndex === undefined) {
    return [invalid(path, action, 'requires the backoffLimitPerIndex to be set')];
  }
  return validateWord(action, ACTIONS, path);
}

function validateRule(
  { onExitCodes, onPodConditions }: PodFailurePolicyRule,
  containerNames: ReadonlySet<string>,
  path: FieldPath,
): FieldError[] {
  const hasConditions = Boolean(onPodConditions?.length);
  const errors: FieldError[] = [];
  if (onExitCodes)
    appendAll(errors, validateOnExitCodes(onExitCodes, containerNames, path.child('onExitCodes')));
  if (hasConditions)
    appendAll(errors, validateOnPodConditions(onPodConditions!, path.child('onPodConditions')));
  if (onExitCodes && hasConditions) {
    errors.push(invalid(path, OMITTED, 'specifying both OnExitCodes and OnPodConditions is not supported'));
  }
  if (!onExitCodes && !hasConditions) {
    errors.push(invalid(path, OMITTED, 'specifying one of OnExitCodes and OnPodConditions is required'));
  }
  return errors;
}

function validateOnPodConditions(
  patterns: readonly PodFailurePolicyOnPodConditionsPattern[],
  path: FieldPath,
): FieldError[] {
  const errors = patterns.length > MAX_PATTERNS ? [tooMany(path, patterns.length, MAX_PATTERNS)] : [];
  return errors.concat(
    patterns.flatMap(({ type, status }, index) => [
      ...invalidEach(path.index(index).child('type'), type, isQualifiedName(type)),
      ...validateWord(status, STATUSES, path.index(index).child('status')),
    ]),
  );
}

function validateOnExitCodes(
  { operator, containerName, values }: PodFailurePolicyOnExitCodesRequirement,
  containerNames: ReadonlySet<string>,
  path: FieldPath,
): FieldError[] {
  const errors = validateWord(operator, OPERATORS, path.child('operator'));
  if (containerName !== undefined && !containerNames.has(containerName)) {
    const detail = 'must be one of the container or initContainer names in the pod template';
    errors.push(invalid(path.child('containerName'), containerName, detail));
  }
  const valuesPath = path.child('values');
  const codes = values ?? [];
  if (codes.length === 0) errors.push(invalid(valuesPath, values ?? null, 'at least one value is required'));
  else if (codes.length > MAX_EXIT_CODES) errors.push(tooMany(valuesPath, codes.length, MAX_EXIT_CODES));
  const seen = new Set<number>();
  for (const [index, code] of codes.entries()) {
    const at = valuesPath.index(index);
    if (operator === 'In' && code === 0) errors.push(invalid(at, code, 'must not be 0 for the In operator'));
    if (seen.has(code)) errors.push(duplicate(at, code));
    seen.add(code);
  }
  if (codes.some((code, index) => index > 0 && codes[index - 1]! > code)) {
    errors.push(invalid(valuesPath, codes, 'must be ordered'));
  }
  return errors;
}
