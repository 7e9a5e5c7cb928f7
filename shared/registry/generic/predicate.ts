/** From selectors as text to what storage selects by. */

import { matchesFields, parseFieldSelector, requiresExactMatch } from '../../meta/field-selector.ts';
import { matchesLabels, parseLabelSelector } from '../../meta/label-selector.ts';
import type { SelectionPredicate } from '../../storage/selection-predicate.ts';

/** Undefined when everything is selected. Both selectors are canonical and have been parsed before. */
export function selectionPredicate(
  labelSelector: string,
  fieldSelector: string,
): SelectionPredicate | undefined {
  if (labelSelector === '' && fieldSelector === '') return undefined;
  const labels = parseLabelSelector(labelSelector);
  const fields = parseFieldSelector(fieldSelector);
  return {
    matches: (attributes) =>
      matchesLabels(labels, attributes.labels) && matchesFields(fields, attributes.fields),
    metadataName: requiresExactMatch(fields, 'metadata.name'),
    metadataNamespace: requiresExactMatch(fields, 'metadata.namespace'),
  };
}
