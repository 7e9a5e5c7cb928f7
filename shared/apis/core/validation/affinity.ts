/** Rules for affinity. */

import { type FieldError, invalid, required } from '../../../meta/field-error.ts';
import type { FieldPath } from '../../../meta/field-path.ts';
import { validateLabelSelector } from '../../../meta/validation/label-selector.ts';
import { isDNS1123Label } from '../../../meta/validation/names.ts';
import { validateLabelName } from '../../../meta/validation/object-meta.ts';
import type { Affinity, NodeAffinity, PodAffinity, PodAffinityTerm } from '../v1/types.ts';
import { invalidEach } from './helpers.ts';
import { validateMatchLabelKeysAndMismatchLabelKeys } from './match-label-keys.ts';
import { validateNodeSelector, validateNodeSelectorTerm } from './node-selectors.ts';
import type { PodValidationOptions } from './pod-validation-options.ts';

const REQUIRED = 'requiredDuringSchedulingIgnoredDuringExecution';
const PREFERRED = 'preferredDuringSchedulingIgnoredDuringExecution';

function validateWeight(weight: number, path: FieldPath): FieldError[] {
  return weight <= 0 || weight > 100 ? [invalid(path, weight, 'must be in the range 1-100')] : [];
}

function validateNodeAffinity(
  affinity: NodeAffinity,
  path: FieldPath,
  options: PodValidationOptions,
): FieldError[] {
  const hard = affinity[REQUIRED];
  const allowInvalidLabelValue = options.allowInvalidLabelValueInRequiredNodeAffinity;
  return [
    ...(hard ? validateNodeSelector(hard, path.child(REQUIRED), { allowInvalidLabelValue }) : []),
    ...(affinity[PREFERRED] ?? []).flatMap(({ weight, preference }, index) => {
      const at = path.child(PREFERRED).index(index);
      return [
        ...validateWeight(weight, at.child('weight')),
        // Preferences that can't match are harmless.
        ...validateNodeSelectorTerm(preference, at.child('preference'), { allowInvalidLabelValue: true }),
      ];
    }),
  ];
}

function validatePodAffinityTerm(
  term: PodAffinityTerm,
  path: FieldPath,
  options: PodValidationOptions,
): FieldError[] {
  const { labelSelector, namespaceSelector, namespaces, topologyKey } = term;
  const errors = [
    ...validateLabelSelector(labelSelector, path.child('labelSelector'), options),
    ...validateLabelSelector(namespaceSelector, path.child('namespaceSelector'), options),
    ...(namespaces ?? []).flatMap((name) => invalidEach(path.child('namespace'), name, isDNS1123Label(name))),
    ...validateMatchLabelKeysAndMismatchLabelKeys(term, path),
  ];
  const at = path.child('topologyKey');
  if (!topologyKey) errors.push(required(at, 'can not be empty'));
  return [...errors, ...validateLabelName(topologyKey, at)];
}

/** For both affinity and anti-affinity. */
function validatePodAffinity(
  affinity: PodAffinity,
  path: FieldPath,
  options: PodValidationOptions,
): FieldError[] {
  return [
    ...(affinity[REQUIRED] ?? []).flatMap((term, index) =>
      validatePodAffinityTerm(term, path.child(REQUIRED).index(index), options),
    ),
    ...(affinity[PREFERRED] ?? []).flatMap(({ weight, podAffinityTerm }, index) => {
      const at = path.child(PREFERRED).index(index);
      return [
        ...validateWeight(weight, at.child('weight')),
        ...validatePodAffinityTerm(podAffinityTerm, at.child('podAffinityTerm'), options),
      ];
    }),
  ];
}

export function validateAffinity(
  affinity: Affinity | undefined,
  path: FieldPath,
  podOptions: PodValidationOptions,
): FieldError[] {
  if (!affinity) return [];
  const { nodeAffinity, podAffinity, podAntiAffinity } = affinity;
  return [
    ...(nodeAffinity ? validateNodeAffinity(nodeAffinity, path.child('nodeAffinity'), podOptions) : []),
    ...(podAffinity ? validatePodAffinity(podAffinity, path.child('podAffinity'), podOptions) : []),
    ...(podAntiAffinity
      ? validatePodAffinity(podAntiAffinity, path.child('podAntiAffinity'), podOptions)
      : []),
  ];
}
