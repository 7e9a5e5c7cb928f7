/** https://github.com/kubernetes/component-helpers/blob/master/scheduling/corev1/nodeaffinity/nodeaffinity.go */

import { type LabelOperator, LabelRequirement } from '../../meta/label-requirement.ts';
import { EVERYTHING, type Labels } from '../../meta/labels.ts';
import type { Node, NodeSelector, NodeSelectorRequirement } from './v1/types.ts';

const OPERATORS: ReadonlyMap<string, LabelOperator> = new Map([
  ['In', 'in'],
  ['NotIn', 'notin'],
  ['Exists', 'exists'],
  ['DoesNotExist', '!'],
  ['Gt', 'gt'],
  ['Lt', 'lt'],
]);

const holdFor = (requirements: readonly NodeSelectorRequirement[], labels: Labels): boolean =>
  EVERYTHING.add(
    ...requirements.map(({ key, operator, values = [] }) =>
      LabelRequirement.unchecked(key, OPERATORS.get(operator) ?? 'in', values),
    ),
  ).matches(labels);

/** Whether any term matches; empty terms never do. Requires a valid selector. */
export function nodeSelectorMatches({ nodeSelectorTerms }: NodeSelector, { metadata }: Node): boolean {
  return (nodeSelectorTerms ?? []).some(({ matchExpressions = [], matchFields = [] }) => {
    if (matchExpressions.length + matchFields.length === 0) return false;
    return (
      holdFor(matchExpressions, metadata.labels ?? {}) &&
      holdFor(matchFields, { 'metadata.name': metadata.name ?? '' })
    );
  });
}
