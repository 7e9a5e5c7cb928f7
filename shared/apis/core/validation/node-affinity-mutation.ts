/** Rules for restricting the node affinity of a gated pod. */

import { semanticDeepEqual } from '../../../meta/deep-equal.ts';
import { type FieldError, invalid } from '../../../meta/field-error.ts';
import type { FieldPath } from '../../../meta/field-path.ts';
import type { NodeAffinity, NodeSelectorRequirement, NodeSelectorTerm } from '../v1/types.ts';

const REQUIRED = 'requiredDuringSchedulingIgnoredDuringExecution';

export function validateNodeSelectorMutation(
  selector: Readonly<Record<string, string>> | undefined,
  old: Readonly<Record<string, string>> | undefined,
  path: FieldPath,
): FieldError[] {
  const kept = Object.entries(old ?? {}).every(([key, value]) => selector?.[key] === value);
  if (kept) return [];
  const detail = 'only additions to spec.nodeSelector are allowed (no mutations or deletions)';
  return [invalid(path, selector, detail)];
}

function startsWith(
  requirements: readonly NodeSelectorRequirement[] | undefined,
  old: readonly NodeSelectorRequirement[] | undefined,
): boolean {
  return semanticDeepEqual((requirements ?? []).slice(0, (old ?? []).length), old);
}

/** An empty term can't be restricted, because it matches no node. */
function hasOnlyAdditions(term: NodeSelectorTerm, old: NodeSelectorTerm): boolean {
  const isEmpty = ({ matchExpressions, matchFields }: NodeSelectorTerm): boolean =>
    !matchExpressions?.length && !matchFields?.length;
  if (isEmpty(old) && !isEmpty(term)) return false;
  return (
    startsWith(term.matchExpressions, old.matchExpressions) && startsWith(term.matchFields, old.matchFields)
  );
}

const shownRequirements = (requirements: NodeSelectorTerm['matchFields']): object[] | null =>
  requirements?.map(({ key, operator, values }) => ({
    Key: key,
    Operator: operator,
    Values: values ?? null,
  })) ?? null;

/** Upstream's internal type, which has no JSON names. */
const shownTerm = ({ matchExpressions, matchFields }: NodeSelectorTerm): object => ({
  MatchExpressions: shownRequirements(matchExpressions),
  MatchFields: shownRequirements(matchFields),
});

export function validateNodeAffinityMutation(
  affinity: NodeAffinity | undefined,
  old: NodeAffinity | undefined,
  path: FieldPath,
): FieldError[] {
  const oldTerms = old?.[REQUIRED]?.nodeSelectorTerms ?? [];
  if (oldTerms.length === 0) return [];
  const terms = affinity?.[REQUIRED]?.nodeSelectorTerms ?? [];
  const at = path.child(REQUIRED, 'nodeSelectorTerms');
  if (terms.length !== oldTerms.length) {
    const detail = 'no additions/deletions to non-empty NodeSelectorTerms list are allowed';
    const shown = affinity?.[REQUIRED]?.nodeSelectorTerms?.map(shownTerm) ?? null;
    return [invalid(at, shown, detail)];
  }
  return terms.flatMap((term, index) => {
    if (hasOnlyAdditions(term, oldTerms[index]!)) return [];
    return [
      invalid(at.index(index), shownTerm(term), 'only additions are allowed (no mutations or deletions)'),
    ];
  });
}
