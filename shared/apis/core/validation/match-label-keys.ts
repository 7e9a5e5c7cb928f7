/** Rules for `matchLabelKeys`, which the server merges into a label selector. */

import { type FieldError, forbidden, invalid } from '../../../meta/field-error.ts';
import type { FieldPath } from '../../../meta/field-path.ts';
import type { LabelSelector } from '../../../meta/v1/types.ts';
import { validateLabelName } from '../../../meta/validation/object-meta.ts';
import { appendAll } from '../../../util/append-all.ts';

export interface LabelKeys {
  readonly matchLabelKeys?: readonly string[] | undefined;
  readonly mismatchLabelKeys?: readonly string[] | undefined;
  readonly labelSelector?: LabelSelector | undefined;
}

const IN_BOTH = 'exists in both matchLabelKeys and labelSelector';

function validateLabelKeys(
  keys: readonly string[],
  selector: LabelSelector | undefined,
  path: FieldPath,
): FieldError[] {
  if (keys.length === 0) return [];
  if (!selector) return [forbidden(path, 'must not be specified when labelSelector is not set')];
  return keys.flatMap((key, index) => validateLabelName(key, path.index(index)));
}

/** Reports keys that the selector contains in addition to the requirement merged from `matchLabelKeys`. */
function duplicatedKeys(keys: readonly string[], selector: LabelSelector, path: FieldPath): FieldError[] {
  const seen = new Set(Object.keys(selector.matchLabels ?? {}));
  const last = new Map(keys.map((key, index) => [key, index]));
  return (selector.matchExpressions ?? []).flatMap(({ key }) => {
    const index = last.get(key);
    const repeated = index !== undefined && seen.has(key);
    seen.add(key);
    return repeated ? [invalid(path.index(index), key, IN_BOTH)] : [];
  });
}

export function validateMatchLabelKeysAndMismatchLabelKeys(
  { matchLabelKeys = [], mismatchLabelKeys = [], labelSelector }: LabelKeys,
  path: FieldPath,
): FieldError[] {
  const matchPath = path.child('matchLabelKeys');
  const mismatching = new Set(mismatchLabelKeys);
  return [
    ...validateLabelKeys(matchLabelKeys, labelSelector, matchPath),
    ...validateLabelKeys(mismatchLabelKeys, labelSelector, path.child('mismatchLabelKeys')),
    ...(labelSelector ? duplicatedKeys(matchLabelKeys, labelSelector, path) : []),
    ...matchLabelKeys.flatMap((key, index) =>
      mismatching.has(key)
        ? [invalid(matchPath.index(index), key, 'exists in both matchLabelKeys and mismatchLabelKeys')]
        : [],
    ),
  ];
}

/** The rule of servers before 1.34, for pods stored by them. */
export function validateLegacyMatchLabelKeys(
  { matchLabelKeys = [], labelSelector }: LabelKeys,
  path: FieldPath,
): FieldError[] {
  if (matchLabelKeys.length === 0) return [];
  const errors = labelSelector
    ? []
    : [forbidden(path, 'must not be specified when labelSelector is not set')];
  const selected = new Set([
    ...Object.keys(labelSelector?.matchLabels ?? {}),
    ...(labelSelector?.matchExpressions ?? []).map(({ key }) => key),
  ]);
  for (const [index, key] of matchLabelKeys.entries()) {
    appendAll(errors, validateLabelName(key, path.index(index)));
    if (selected.has(key)) errors.push(invalid(path.index(index), key, IN_BOTH));
  }
  return errors;
}
