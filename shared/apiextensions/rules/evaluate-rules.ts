import type { ValidationRule } from '../../apis/apiextensions/v1/types.ts';
import type { Activation } from '../../cel/activation.ts';
import { activationOf, type CompiledExpression, evaluate } from '../../cel/environment.ts';
import { CelError, CostLimitExceeded } from '../../cel/error.ts';
import type { Evaluation } from '../../cel/interpreter.ts';
import type { CelSchema } from '../../cel/schema.ts';
import { typedValue } from '../../cel/typed-value.ts';
import { Optional, type Value } from '../../cel/value.ts';
import { duplicate, type FieldError, forbidden, invalid, OMITTED, required } from '../../meta/field-error.ts';
import { byteLength } from '../../meta/validation/format.ts';
import { quote } from '../../runtime/go-format.ts';
import type { Pieces } from '../../util/breathe.ts';
import { childOf, pathOrRoot } from '../schema/paths.ts';
import { type CompiledRule, OLD_SELF, SELF } from './compile-rules.ts';
import type { Visit } from './rule-validator.ts';

/** The parts of an expression needed for evaluation. */
type Expression = Pick<CompiledExpression, 'source' | 'program'>;

export interface EvaluableRule extends Omit<CompiledRule, 'expression' | 'message'> {
  readonly expression: Expression | undefined;
  readonly message: Expression | undefined;
}

/** A schema node for the evaluation of its rules. */
export interface RuleNode {
  readonly type: string;
  readonly schema: CelSchema;
  readonly rules: readonly EvaluableRule[];
}

const MAX_MESSAGE_BYTES = 5 * 1024;
/** Cost of rules between checks of the clock, equivalent to a few milliseconds. */
const CHECK_COST = 20_000;
const OUT_OF_BUDGET =
  'validation failed due to running out of cost budget, no further validation rules will be run';

/** Evaluates the rules of a node on one value. Stops when the budget is exhausted. */
export function* evaluateRules(node: RuleNode, visit: Visit): Pieces<void> {
  const { run } = visit;
  const at = pathOrRoot(visit.path);
  let spent = 0;
  if (run.budget <= 0) {
    stop(visit, invalid(at, node.type, OUT_OF_BUDGET));
    return;
  }
  const activations = activationsOf(node, visit);
  for (const rule of node.rules) {
    if (run.budget < 0) return;
    if (rule.error !== undefined)
      run.errors.push(invalid(at, node.type, `rule compile error: ${rule.error}`));
    else if (rule.expression !== undefined && applies(rule, visit)) {
      const before = run.budget;
      evaluateRule(node, { rule, expression: rule.expression }, { visit, activations });
      spent += before - run.budget;
      if (spent > CHECK_COST) {
        spent = 0;
        yield;
      }
    }
  }
}

function stop({ run }: Visit, error: FieldError): void {
  run.errors.push(error);
  run.budget = -1;
}

const hasOldValue = ({ oldValue }: Visit): boolean => oldValue !== undefined && oldValue !== null;

/** Transition rules require an old value. */
function applies({ usesOldSelf, rule }: EvaluableRule, visit: Visit): boolean {
  return !usesOldSelf || hasOldValue(visit) || rule.optionalOldSelf === true;
}

interface Activations {
  readonly plain: Activation;
  /** The activation for rules whose old value is optional. */
  readonly optional: Activation;
}

function activationsOf({ schema, rules }: RuleNode, visit: Visit): Activations {
  const self = typedValue(visit.value, schema);
  if (!rules.some(({ usesOldSelf }) => usesOldSelf)) {
    const plain = activationOf({ [SELF]: self });
    return { plain, optional: plain };
  }
  const oldSelf: Value | undefined = hasOldValue(visit) ? typedValue(visit.oldValue, schema) : undefined;
  return {
    plain: activationOf({ [SELF]: self, ...(oldSelf !== undefined && { [OLD_SELF]: oldSelf }) }),
    optional: activationOf({ [SELF]: self, [OLD_SELF]: new Optional(oldSelf) }),
  };
}

interface ReadyRule {
  readonly rule: EvaluableRule;
  readonly expression: Expression;
}

const shownRule = ({ rule, message = '' }: ValidationRule): string => (message || rule).trim();

function evaluateRule(
  node: RuleNode,
  { rule: compiled, expression }: ReadyRule,
  { visit, activations }: { readonly visit: Visit; readonly activations: Activations },
): void {
  const { rule } = compiled;
  const { run } = visit;
  const at = pathOrRoot(visit.path);
  const report = (detail: string): FieldError => invalid(at, node.type, detail);
  let evaluation: Evaluation;
  try {
    evaluation = evaluate(expression, rule.optionalOldSelf ? activations.optional : activations.plain);
  } catch (error) {
    if (!(error instanceof CostLimitExceeded)) throw error;
    const why = 'no further validation rules will be run due to call cost exceeds limit for rule';
    stop(visit, report(`'${error.message}': ${why}: ${shownRule(rule)}`));
    return;
  }
  if (evaluation.cost > run.budget) {
    stop(visit, report(OUT_OF_BUDGET));
    return;
  }
  run.budget -= evaluation.cost;
  const { value } = evaluation;
  if (value instanceof CelError) {
    const why = 'call arguments did not match a supported operator, function or macro signature for rule';
    const detail = value.message.startsWith('no such overload')
      ? `'${value.message}': ${why}: ${shownRule(rule)}`
      : `${value.message} evaluating rule: ${shownRule(rule)}`;
    run.errors.push(report(detail));
  } else if (value !== true) reportBroken(node, compiled, { visit, activation: activations.plain });
}

function reportBroken(
  node: RuleNode,
  compiled: EvaluableRule,
  { visit, activation }: { readonly visit: Visit; readonly activation: Activation },
): void {
  const { rule, fieldPath, usesOldSelf } = compiled;
  const path = pathOrRoot(fieldPath === '' ? visit.path : childOf(visit.path, fieldPath));
  const add = (error: FieldError): void => {
    const letStand = !usesOldSelf && visit.ratchet.letsErrorsStand();
    (letStand ? visit.run.warnings : visit.run.errors).push(error);
  };
  let detail: string | undefined;
  if (compiled.message !== undefined) {
    const message = evaluateMessage(compiled.message, activation, visit.run.budget);
    if (message.exhausted !== undefined) {
      add(invalid(path, node.type, message.exhausted));
      visit.run.budget = -1;
      return;
    }
    visit.run.budget -= message.cost;
    detail = message.text;
  }
  const value = node.type === 'object' || node.type === 'array' ? OMITTED : visit.value;
  add(errorFor(rule, path, { value, detail: detail ?? defaultMessage(rule) }));
}

const defaultMessage = (rule: ValidationRule): string =>
  rule.message ? rule.message.trim() : `failed rule: ${shownRule(rule)}`;

interface MessageResult {
  readonly cost: number;
  /** If undefined, the rule's static message applies. */
  readonly text?: string;
  readonly exhausted?: string;
}

/** A message that can't be evaluated is not an error. */
function evaluateMessage(expression: Expression, activation: Activation, budget: number): MessageResult {
  let evaluation: Evaluation;
  try {
    evaluation = evaluate(expression, activation);
  } catch (error) {
    if (!(error instanceof CostLimitExceeded)) throw error;
    const why =
      'no further validation rules will be run due to call cost exceeds limit for messageExpression';
    return { cost: 0, exhausted: `${why}: ${quote(expression.source)}` };
  }
  const { value, cost } = evaluation;
  if (cost > budget) {
    const why = 'messageExpression evaluation failed due to running out of cost budget';
    return { cost, exhausted: `${why}, no further validation rules will be run` };
  }
  if (typeof value !== 'string') return { cost };
  const text = value.trim();
  if (text === '' || text.includes('\n') || byteLength(text) > MAX_MESSAGE_BYTES) return { cost };
  return { cost, text };
}

function errorFor(
  { reason }: ValidationRule,
  path: ReturnType<typeof pathOrRoot>,
  { value, detail }: { readonly value: unknown; readonly detail: string },
): FieldError {
  switch (reason) {
    case 'FieldValueForbidden':
      return forbidden(path, detail);
    case 'FieldValueRequired':
      return required(path, detail);
    case 'FieldValueDuplicate':
      return duplicate(path, value);
    default:
      return invalid(path, value, detail);
  }
}
