import { type FieldError, invalidEach, notSupported } from '../../../meta/field-error.ts';
import type { FieldPath } from '../../../meta/field-path.ts';
import { isQualifiedName } from '../../../meta/validation/names.ts';

export const OLDEST_EMULATION_VERSION = 'OldestEmulationVersion';

/** A built-in strategy, or a custom one with a domain. */
export function validateCoordinatedLeaseStrategy(strategy: string, path: FieldPath): FieldError[] {
  // Upstream repeats the field's name.
  const at = path.child('strategy');
  if (strategy.includes('/')) return invalidEach(at, strategy, isQualifiedName(strategy));
  if (strategy === OLDEST_EMULATION_VERSION) return [];
  return [notSupported(at, strategy, [OLDEST_EMULATION_VERSION])];
}
