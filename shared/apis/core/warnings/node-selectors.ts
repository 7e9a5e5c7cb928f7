import type { FieldPath } from '../../../meta/field-path.ts';
import { isValidLabelValue } from '../../../meta/validation/names.ts';
import { deprecatedNodeLabelMessage } from '../../node/node-labels.ts';
import type { NodeSelectorTerm } from '../v1/types.ts';

/** `checkValues` is set if values aren't validated elsewhere. */
export function warningsForNodeSelectorTerm(
  term: NodeSelectorTerm,
  path: FieldPath,
  { checkValues }: { readonly checkValues: boolean },
): string[] {
  return (term.matchExpressions ?? []).flatMap(({ key, values }, index) => {
    const at = path.child('matchExpressions').index(index);
    const deprecation = deprecatedNodeLabelMessage(key);
    const warnings = deprecation === undefined ? [] : [`${at.child('key')}: ${key} is ${deprecation}`];
    if (!checkValues) return warnings;
    const ofValues = (values ?? []).flatMap((value, number) =>
      isValidLabelValue(value).map(
        (text) => `${at.child('values').index(number)}: ${value} is invalid, ${text}`,
      ),
    );
    return [...warnings, ...ofValues];
  });
}
