import type { Pieces } from '../../util/breathe.ts';
import type { ValidationResult } from './validation-result.ts';

export interface TriedAlternatives {
  readonly passed: number;
  /** Of the first that passed, or else of the failure that came furthest. */
  readonly best: ValidationResult | undefined;
}

/** Runs schemas of which a value has to fit one; for `anyOf` until it does. */
export function* tryAlternatives<Schema>(
  schemas: readonly Schema[],
  run: (schema: Schema) => Pieces<ValidationResult>,
  junctor: 'anyOf' | 'oneOf',
): Pieces<TriedAlternatives> {
  let passed = 0;
  let best: ValidationResult | undefined;
  for (const schema of schemas) {
    const result = yield* run(schema);
    if (result.valid) {
      if (passed++ === 0) best = result;
      if (junctor === 'anyOf') break;
    } else if (passed === 0 && (best === undefined || result.matchCount > best.matchCount)) best = result;
  }
  return { passed, best };
}
