/** Deprecated labels of nodes (https://github.com/kubernetes/kubernetes/blob/master/pkg/api/node/util.go). */

import type { FieldPath } from '../../meta/field-path.ts';
import type { LabelSelector } from '../../meta/v1/types.ts';

const DEPRECATED: ReadonlyMap<string, string> = new Map([
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

/** The warning about a deprecated label; undefined for other labels. */
export const deprecatedNodeLabelMessage = (key: string): string | undefined => DEPRECATED.get(key);

export function nodeSelectorWarnings(selector: LabelSelector | undefined, path: FieldPath): string[] {
  const expressions = (selector?.matchExpressions ?? []).flatMap(({ key }, index) => {
    const message = deprecatedNodeLabelMessage(key);
    return message
      ? [`${path.child('matchExpressions').index(index).child('key')}: ${key} is ${message}`]
      : [];
  });
  const labels = Object.keys(selector?.matchLabels ?? {}).flatMap((label) => {
    const message = deprecatedNodeLabelMessage(label);
    return message ? [`${path.child('matchLabels').child(label)}: ${message}`] : [];
  });
  return [...expressions, ...labels];
}
