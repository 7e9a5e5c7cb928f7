/**
 * Compiles the rules of a schema node
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
  /** Undefined if the rule is blank or doesn't compile. */
  readonly expression: CompiledExpression | undefined;
  /** The compilation error. */
  readonly error: string | undefined;
  /** Whether it is a transition rule, which isn't evaluated without an old value unless it permits that. */
  readonly usesOldSelf: boolean;
  readonly message: CompiledExpression | undefined;
  readonly messageError: string | undefined;
  /** The path for errors, relative to the node. */
  readonly fieldPath: string;
}

export const SELF = 'self';
export const OLD_SELF = 'oldSelf';

/** The type name of the node's objects, which rules can't refer to. */
export const SELF_TYPE_NAME = 'selfType';

/** `schema` is the schema of the node, for field paths. */
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

/** The compiled expression or the error. */
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
