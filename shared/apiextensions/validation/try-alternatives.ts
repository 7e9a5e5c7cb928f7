import type { Pieces } from '../../util/breathe.ts';
import type { ValidationResult } from './validation-result.ts';

export interface TriedAlternatives {
  readonly passed: number;
  /** The result of the first alternative that passed, or else of the one that matched furthest. */
  readonly best: ValidationResult | undefined;
}

/** Validates against alternative schemas; for `anyOf` until one passes. */
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
