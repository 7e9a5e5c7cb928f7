import { type FieldError, invalid, required } from '../../../meta/field-error.ts';
import type { FieldPath } from '../../../meta/field-path.ts';
import { labelSelectorAsSelector, type Selector } from '../../../meta/labels.ts';
import type { LabelSelector } from '../../../meta/v1/types.ts';
import { validateLabelSelector } from '../../../meta/validation/label-selector.ts';
import { sortKeys } from '../../../util/sort-keys.ts';

export function isEmptySelector({ matchLabels, matchExpressions }: LabelSelector): boolean {
  return Object.keys(matchLabels ?? {}).length === 0 && !matchExpressions?.length;
}

/** The form for messages: Go encodes maps in key order. */
export function shownSelector(selector: LabelSelector | null | undefined): LabelSelector | null {
  if (!selector?.matchLabels) return selector ?? null;
  return { ...selector, matchLabels: sortKeys(selector.matchLabels)! };
}

/** A workload needs a selector that isn't empty. `kind` is the term in upstream's message. */
export function validateWorkloadSelector(
  selector: LabelSelector | null | undefined,
  path: FieldPath,
  kind: string,
): FieldError[] {
  if (!selector) return [required(path, '')];
  const errors = validateLabelSelector(selector, path);
  if (isEmptySelector(selector))
    errors.push(invalid(path, shownSelector(selector), `empty selector is invalid for ${kind}`));
  return errors;
}

/** The parsed selector; undefined if it is invalid. */
export function readSelector(selector: LabelSelector | null | undefined): Selector | undefined {
  try {
    return labelSelectorAsSelector(selector);
  } catch {
    return undefined;
  }
}
