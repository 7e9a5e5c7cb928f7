/**
 * Merges and compares lists of tolerations
 * (https://github.com/kubernetes/kubernetes/blob/master/pkg/util/tolerations/tolerations.go).
 */

import type { Toleration } from '../apis/core/v1/types.ts';
import { semanticDeepEqual } from '../meta/deep-equal.ts';

/** Both lists, without tolerations that others cover. */
export function mergeTolerations(
  first: readonly Toleration[],
  second: readonly Toleration[] = [],
): Toleration[] {
  const all = [...first, ...second];
  const merged: Toleration[] = [];
  for (const [index, toleration] of all.entries()) {
    const redundant =
      merged.some((kept) => isSuperset(kept, toleration)) ||
      all
        .slice(index + 1)
        .some((later) => !semanticDeepEqual(toleration, later) && isSuperset(later, toleration));
    if (!redundant) merged.push(toleration);
  }
  return merged;
}

/** Whether an allowed toleration covers each of the tolerations. */
export function areAllowed(tolerations: readonly Toleration[], allowed: readonly Toleration[]): boolean {
  if (allowed.length === 0) return true;
  return tolerations.every((toleration) => allowed.some((wider) => isSuperset(wider, toleration)));
}

/** Whether `wide` tolerates everything that `narrow` does. */
function isSuperset(wide: Toleration, narrow: Toleration): boolean {
  if (semanticDeepEqual(wide, narrow)) return true;
  const operator = wide.operator || 'Equal';
  if ((wide.key ?? '') !== (narrow.key ?? '') && (wide.key || operator !== 'Exists')) return false;
  if (wide.effect && wide.effect !== narrow.effect) return false;
  if (wide.effect === 'NoExecute' && wide.tolerationSeconds !== undefined) {
    const seconds = narrow.tolerationSeconds;
    if (seconds === undefined || seconds > wide.tolerationSeconds) return false;
  }
  if (operator === 'Exists') return true;
  return operator === 'Equal' && narrow.operator === 'Equal' && (narrow.value ?? '') === (wide.value ?? '');
}
