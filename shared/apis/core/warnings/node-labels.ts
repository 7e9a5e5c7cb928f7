/** Labels of nodes that have gone out of use (pkg/api/node). */

import type { FieldPath } from '../../../meta/field-path.ts';
import { isValidLabelValue } from '../../../meta/validation/names.ts';
import type { NodeSelectorTerm } from '../v1/types.ts';

const DEPRECATED_NODE_LABELS: ReadonlyMap<string, string> = new Map([
  ['beta.kubernetes.io/arch', 'deprecated since v1.14; use "kubernetes.io/arch" instead'],
  ['beta.kubernetes.io/os', 'deprecated since v1.14; use "kubernetes.io/os" instead'],
  [
    'failure-domain.beta.kubernetes.io/region',
    'deprecated since v1.17; use "topology.kubernetes.io/region" instead',
  ],
  [
    'failure-domain.beta.kubernetes.io/zone',
    'deprecated since v1.17; use "topology.kubernetes.io/zone" instead',
  ],
  [
    'beta.kubernetes.io/instance-type',
    'deprecated since v1.17; use "node.kubernetes.io/instance-type" instead',
  ],
  ['app.kubernetes.io/created-by', 'deprecated since v1.9'],
  [
    'scheduler.alpha.kubernetes.io/preferAvoidPods',
    'deprecated since v1.22; use Taints and Tolerations instead',
  ],
  ['node-role.kubernetes.io/master', 'use "node-role.kubernetes.io/control-plane" instead'],
]);

/** What to say of a label; undefined if it is in use. */
export function nodeLabelDeprecation(key: string): string | undefined {
  return DEPRECATED_NODE_LABELS.get(key);
}

/** `checkValues`: values are not validated elsewhere. */
export function warningsForNodeSelectorTerm(
  term: NodeSelectorTerm,
  path: FieldPath,
  { checkValues }: { readonly checkValues: boolean },
): string[] {
  return (term.matchExpressions ?? []).flatMap(({ key, values }, index) => {
    const at = path.child('matchExpressions').index(index);
    const deprecation = nodeLabelDeprecation(key);
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
