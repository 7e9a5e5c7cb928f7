import { type CelEnvironment, type CompiledExpression, CompileError } from '../../cel/environment.ts';
import type { CelType } from '../../cel/type.ts';

/** An expression of a webhook or policy. If it doesn't compile, every evaluation fails. */
export interface AdmissionExpression {
  readonly source: string;
  readonly compiled: CompiledExpression | undefined;
  /** The compilation error with upstream's text; undefined if it compiled. */
  readonly error: string | undefined;
}

/** `resultTypes` are the permitted result types; if absent, any. */
export function compileAdmissionExpression(
  source: string,
  environment: CelEnvironment,
  resultTypes?: readonly CelType[],
): AdmissionExpression {
  try {
    const compiled = environment.compile(source);
    if (resultTypes === undefined || resultTypes.some((type) => type.equals(compiled.type))) {
      return { source, compiled, error: undefined };
    }
    const names = resultTypes.map((type) => type.declaredName());
    const expected = names.length === 1 ? names[0] : `one of [${names.join(' ')}]`;
    return {
      source,
      compiled: undefined,
      error: `must evaluate to ${expected} but got ${compiled.type.declaredName()}`,
    };
  } catch (error) {
    if (!(error instanceof CompileError)) throw error;
    const stage = error.stage === 'compilation' ? 'compilation failed' : 'program instantiation failed';
    return { source, compiled: undefined, error: `${stage}: ${error.message}` };
  }
}
