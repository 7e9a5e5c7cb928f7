/** https://github.com/kubernetes/apiserver/tree/master/pkg/authentication/cel */

import { walk } from '../../cel/ast.ts';
import {
  activationOf,
  CelEnvironment,
  type CompiledExpression,
  CompileError,
  evaluate,
  evaluationError,
} from '../../cel/environment.ts';
import { jsonValue } from '../../cel/json-value.ts';
import { BOOL, DYN, listType, mapType, objectType, STRING } from '../../cel/type.ts';
import { ListValue, type Value } from '../../cel/value.ts';
import type { UserInfo } from '../../request/user-info.ts';
import type { JSONObject } from '../../util/json.ts';
import { AuthenticationError } from '../authenticator.ts';

const USER_FIELDS = new Map([
  ['username', STRING],
  ['uid', STRING],
  ['groups', listType(STRING)],
  ['extra', mapType(STRING, listType(STRING))],
]);
const USER = objectType('kubernetes.UserInfo');

let environments: { claims: CelEnvironment; user: CelEnvironment } | undefined;

function environment(variable: 'claims' | 'user'): CelEnvironment {
  environments ??= {
    claims: new CelEnvironment({ variables: { claims: mapType(STRING, DYN) } }),
    user: new CelEnvironment({
      variables: { user: USER },
      structs: [{ name: USER.name, type: USER, field: (name) => USER_FIELDS.get(name) }],
    }),
  };
  return environments[variable];
}

export interface Expression {
  readonly source: string;
  readonly compiled: CompiledExpression;
}

/** Throws an Error with upstream's message for an expression that does not compile or has the wrong result type. */
export function compileExpression(
  variable: 'claims' | 'user',
  source: string,
  result: 'boolean' | 'any',
): Expression {
  let compiled: CompiledExpression;
  try {
    compiled = environment(variable).compile(source);
  } catch (error) {
    if (!(error instanceof CompileError)) throw error;
    const stage = error.stage === 'compilation' ? 'compilation failed' : 'program instantiation failed';
    throw new Error(`${stage}: ${error.message}`);
  }
  if (result === 'boolean' && compiled.type !== BOOL) throw new Error('must evaluate to bool');
  return { source, compiled };
}

/** Whether the expression reads `claims.<field>` or `claims.?<field>`. */
export function readsClaim({ compiled }: Expression, field: string): boolean {
  let found = false;
  walk(compiled.checked.expr, (expr) => {
    if (expr.kind === 'select' && expr.field === field) {
      found ||= expr.operand.kind === 'ident' && expr.operand.name === 'claims';
    }
    if (expr.kind === 'call' && expr.function === '_?._') {
      const [operand, name] = expr.args;
      const isClaims = operand?.kind === 'ident' && operand.name === 'claims';
      found ||= isClaims && name?.kind === 'literal' && name.value === field;
    }
  });
  return found;
}

function run({ source, compiled }: Expression, variable: string, value: Value): Value {
  const evaluation = evaluate(compiled, activationOf({ [variable]: value }));
  const error = evaluationError(evaluation);
  if (error !== undefined) {
    throw new AuthenticationError(`expression '${source}' resulted in error: ${error}`);
  }
  return evaluation.value as Value;
}

/** Throws `AuthenticationError`. */
export function evaluateClaims(expression: Expression, claims: JSONObject): Value {
  return run(expression, 'claims', jsonValue(claims));
}

/** Throws `AuthenticationError`. */
export function evaluateUser(expression: Expression, { name, uid, groups, extra }: UserInfo): Value {
  return run(expression, 'user', jsonValue({ username: name, uid, groups, extra }));
}

/** Accepts a string or a list of strings; null and empty strings are left out. */
export function stringsOf(value: Value): string[] {
  const bad = new AuthenticationError('expression must return a string or a list of strings');
  if (value === null) return [];
  const all = typeof value === 'string' ? [value] : value instanceof ListValue ? [...value] : undefined;
  if (all === undefined) throw bad;
  return all.flatMap((one) => {
    if (typeof one !== 'string') throw bad;
    return one === '' ? [] : one;
  });
}
