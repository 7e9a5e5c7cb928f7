/**
 * The rules of one schema node, compiled
 * (https://github.com/kubernetes/apiextensions-apiserver/blob/master/pkg/apiserver/schema/cel/compilation.go).
 */

import type { JSONSchemaProps, ValidationRule } from '../../apis/apiextensions/v1/types.ts';
import { type DeclaredType, structsOf } from '../../cel/declared-type.ts';
import { CelEnvironment, type CompiledExpression, CompileError } from '../../cel/environment.ts';
import { BOOL, type CelType, optionalType, STRING } from '../../cel/type.ts';
import type { Pieces } from '../../util/breathe.ts';
import { resolveFieldPath } from '../schema/valid-field-path.ts';

export interface CompiledRule {
  readonly rule: ValidationRule;
  /** Undefined: the rule is blank, or doesn't compile. */
  readonly expression: CompiledExpression | undefined;
  /** Why it doesn't. */
  readonly error: string | undefined;
  /** A rule about a change: without an old value it isn't evaluated, unless it says that it can be. */
  readonly usesOldSelf: boolean;
  readonly message: CompiledExpression | undefined;
  readonly messageError: string | undefined;
  /** Where, relative to the node, errors are reported. */
  readonly fieldPath: string;
}

export const SELF = 'self';
export const OLD_SELF = 'oldSelf';

/** What objects of the node's type are called; no rule can say it. */
export const SELF_TYPE_NAME = 'selfType';

/** `schema`: of the node, for field paths. */
export function* compileRules(
  rules: readonly ValidationRule[],
  declared: DeclaredType,
  schema: JSONSchemaProps,
): Pieces<CompiledRule[]> {
  const structs = structsOf(declared);
  const environment = (oldSelf: CelType): CelEnvironment =>
    new CelEnvironment({ variables: { [SELF]: declared.type, [OLD_SELF]: oldSelf }, structs });
  const plain = environment(declared.type);
  const optional = rules.some(({ optionalOldSelf }) => optionalOldSelf)
    ? environment(optionalType(declared.type))
    : plain;
  const compiled: CompiledRule[] = [];
  for (const rule of rules) {
    compiled.push(compileRule(rule, rule.optionalOldSelf ? optional : plain, schema));
    yield;
  }
  return compiled;
}

function compileRule(
  rule: ValidationRule,
  environment: CelEnvironment,
  schema: JSONSchemaProps,
): CompiledRule {
  const none = {
    rule,
    expression: undefined,
    usesOldSelf: false,
    message: undefined,
    messageError: undefined,
  };
  const fieldPath = normalizedFieldPath(rule.fieldPath, schema);
  if (rule.rule.trim() === '') return { ...none, error: undefined, fieldPath };
  const compiled = compile(environment, rule.rule, BOOL, {
    compilation: 'compilation failed: ',
    program: 'program instantiation failed: ',
    type: 'cel expression must evaluate to a bool',
  });
  if (typeof compiled === 'string') return { ...none, error: compiled, fieldPath };
  const message = rule.messageExpression
    ? compile(environment, rule.messageExpression, STRING, {
        compilation: 'messageExpression compilation failed: ',
        program: 'messageExpression instantiation failed: ',
        type: 'messageExpression must evaluate to a string',
      })
    : undefined;
  return {
    rule,
    expression: compiled,
    error: undefined,
    usesOldSelf: compiled.uses(OLD_SELF),
    message: typeof message === 'string' ? undefined : message,
    messageError: typeof message === 'string' ? message : undefined,
    fieldPath,
  };
}

interface Texts {
  readonly compilation: string;
  readonly program: string;
  readonly type: string;
}

/** The expression, or what is wrong with it. */
function compile(
  environment: CelEnvironment,
  source: string,
  type: CelType,
  texts: Texts,
): CompiledExpression | string {
  try {
    const compiled = environment.compile(source);
    return compiled.type === type ? compiled : texts.type;
  } catch (error) {
    if (!(error instanceof CompileError)) throw error;
    return `${texts[error.stage]}${error.message}`;
  }
}

function normalizedFieldPath(fieldPath: string | undefined, schema: JSONSchemaProps): string {
  if (!fieldPath) return '';
  try {
    return String(resolveFieldPath(fieldPath, schema).path ?? '');
  } catch {
    return '';
  }
}
