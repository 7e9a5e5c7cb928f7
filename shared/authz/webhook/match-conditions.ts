/** https://github.com/kubernetes/apiserver/tree/master/pkg/authorization/cel */

import type { SubjectAccessReviewSpec } from '../../apis/authorization/v1/types.ts';
import type { Activation } from '../../cel/activation.ts';
import { type Expr, walk } from '../../cel/ast.ts';
import type { StructDeclaration } from '../../cel/declaration.ts';
import {
  activationOf,
  CelEnvironment,
  type CompiledExpression,
  CompileError,
  evaluate,
  evaluationError,
} from '../../cel/environment.ts';
import { CostLimitExceeded } from '../../cel/error.ts';
import { jsonValue } from '../../cel/json-value.ts';
import { BOOL, type CelType, listType, mapType, objectType, STRING } from '../../cel/type.ts';
import type { Value } from '../../cel/value.ts';
import type { UserInfo } from '../../request/user-info.ts';
import { aggregateMessages } from '../../runtime/go-format.ts';

function struct(name: string, fields: Readonly<Record<string, CelType>>): StructDeclaration {
  const byName = new Map(Object.entries(fields));
  return { name, type: objectType(name), field: (field) => byName.get(field) };
}

const strings = (...names: string[]) => Object.fromEntries(names.map((name) => [name, STRING]));

const REQUIREMENT = struct('kubernetes.SelectorRequirement', {
  ...strings('key', 'operator'),
  values: listType(STRING),
});
const SELECTOR = { rawSelector: STRING, requirements: listType(REQUIREMENT.type) };
const FIELD_SELECTOR = struct('kubernetes.FieldSelectorAttributes', SELECTOR);
const LABEL_SELECTOR = struct('kubernetes.LabelSelectorAttributes', SELECTOR);
const RESOURCE = struct('kubernetes.ResourceAttributes', {
  ...strings('namespace', 'verb', 'group', 'version', 'resource', 'subresource', 'name'),
  fieldSelector: FIELD_SELECTOR.type,
  labelSelector: LABEL_SELECTOR.type,
});
const NON_RESOURCE = struct('kubernetes.NonResourceAttributes', strings('path', 'verb'));
const REQUEST = struct('kubernetes.SubjectAccessReviewSpec', {
  resourceAttributes: RESOURCE.type,
  nonResourceAttributes: NON_RESOURCE.type,
  ...strings('user', 'uid'),
  groups: listType(STRING),
  extra: mapType(STRING, listType(STRING)),
});

let environment: CelEnvironment | undefined;

/** Throws an Error with upstream's message. */
export function compileMatchCondition(source: string): CompiledExpression {
  environment ??= new CelEnvironment({
    variables: { request: REQUEST.type },
    structs: [REQUIREMENT, FIELD_SELECTOR, LABEL_SELECTOR, RESOURCE, NON_RESOURCE, REQUEST],
  });
  let compiled: CompiledExpression;
  try {
    compiled = environment.compile(source);
  } catch (error) {
    if (!(error instanceof CompileError)) throw error;
    const stage = error.stage === 'compilation' ? 'compilation failed' : 'program instantiation failed';
    throw new Error(`${stage}: ${error.message}`);
  }
  if (compiled.type !== BOOL) throw new Error(`must evaluate to bool but got ${compiled.type}`);
  return compiled;
}

/**
 * Sets all text fields, empty by default, so that expressions may compare them; attributes only if the review has them.
 */
function requestOf(spec: SubjectAccessReviewSpec): unknown {
  const { resourceAttributes: resource, nonResourceAttributes: path } = spec;
  const texts = (from: object, names: readonly string[]) =>
    Object.fromEntries(names.map((name) => [name, (from as Record<string, string | undefined>)[name] ?? '']));
  const fields = ['namespace', 'verb', 'group', 'version', 'resource', 'subresource', 'name'];
  return {
    ...texts(spec, ['user', 'uid']),
    groups: spec.groups ?? [],
    extra: spec.extra ?? {},
    ...(resource && {
      resourceAttributes: {
        ...texts(resource, fields),
        ...(resource.fieldSelector && { fieldSelector: resource.fieldSelector }),
        ...(resource.labelSelector && { labelSelector: resource.labelSelector }),
      },
    }),
    ...(path && { nonResourceAttributes: texts(path, ['path', 'verb']) }),
  };
}

/** The fields of `request` that describe the user. */
const USER_FIELDS: ReadonlySet<string> = new Set(['user', 'uid', 'groups', 'extra']);

type Outcome = { readonly value: Value } | { readonly error: string };

/** Outcomes of conditions that depend on nothing but the user; unset: the condition depends on more. */
const outcomesByUser = new WeakMap<CompiledExpression, WeakMap<UserInfo, Outcome> | undefined>();

function outcomesOf(condition: CompiledExpression): WeakMap<UserInfo, Outcome> | undefined {
  if (!outcomesByUser.has(condition)) {
    outcomesByUser.set(condition, concernsOnlyUser(condition) ? new WeakMap() : undefined);
  }
  return outcomesByUser.get(condition);
}

function concernsOnlyUser({ checked }: CompiledExpression): boolean {
  let others = 0;
  walk(checked.expr, (expr) => {
    if (isRequest(expr)) others++;
    if (expr.kind === 'select' && isRequest(expr.operand) && USER_FIELDS.has(expr.field)) others--;
  });
  return others === 0;
}

const isRequest = (expr: Expr): boolean => expr.kind === 'ident' && expr.name === 'request';

function outcomeOf(condition: CompiledExpression, activation: () => Activation, user: UserInfo): Outcome {
  const known = outcomesOf(condition)?.get(user);
  if (known !== undefined) return known;
  let outcome: Outcome;
  try {
    const evaluation = evaluate(condition, activation());
    const error = evaluationError(evaluation);
    outcome = error === undefined ? { value: evaluation.value } : { error };
  } catch (error) {
    if (!(error instanceof CostLimitExceeded)) throw error;
    outcome = { error: error.message };
  }
  outcomesOf(condition)?.set(user, outcome);
  return outcome;
}

/**
 * Whether all conditions are true; a false one decides. Throws if some can't be evaluated and none is false. A request
 * can be authorized a thousand times, such as for each part of an impersonated user: conditions on the user alone are
 * evaluated once per `user` object.
 */
export function matchesAll(
  conditions: readonly CompiledExpression[],
  spec: SubjectAccessReviewSpec,
  user: UserInfo,
): boolean {
  let made: Activation | undefined;
  const activation = () => {
    made ??= activationOf({ request: jsonValue(requestOf(spec)) });
    return made;
  };
  const errors: string[] = [];
  for (const condition of conditions) {
    const outcome = outcomeOf(condition, activation, user);
    if ('error' in outcome) {
      errors.push(
        `cel evaluation error: expression '${condition.source}' resulted in error: ${outcome.error}`,
      );
    } else if (outcome.value === false) return false;
  }
  if (errors.length > 0) throw new Error(aggregateMessages(errors));
  return true;
}
