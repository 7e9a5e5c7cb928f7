/** Converts selectors to storage predicates. */

import { parseFieldSelector } from '../../meta/fields.ts';
import { parseLabelSelector } from '../../meta/labels.ts';
import type { ShardSelector } from '../../rest/rest-storage.ts';
import type { SelectionPredicate } from '../../storage/selection-predicate.ts';

/** Undefined if everything is selected. Both selectors must be valid and in canonical form. */
export function selectionPredicate(
  labelSelector: string,
  fieldSelector: string,
  shard?: ShardSelector,
): SelectionPredicate | undefined {
  if (labelSelector === '' && fieldSelector === '' && shard === undefined) return undefined;
  const labels = parseLabelSelector(labelSelector);
  const fields = parseFieldSelector(fieldSelector);
  return {
    matches: (attributes) =>
      shard?.matches(attributes) !== false &&
      labels.matches(attributes.labels) &&
      fields.matches(attributes.fields),
    metadataName: fields.requiresExactMatch('metadata.name'),
    metadataNamespace: fields.requiresExactMatch('metadata.namespace'),
  };
}
