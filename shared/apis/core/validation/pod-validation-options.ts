/**
 * Exemptions for pods stored before a rule was added: updates may keep their violations
 * (https://github.com/kubernetes/kubernetes/blob/master/pkg/api/pod/util.go).
 */

import { FieldPath } from '../../../meta/field-path.ts';
import type { ObjectMeta } from '../../../meta/v1/types.ts';
import {
  labelSelectorHasInvalidLabelValue,
  validateLabelSelector,
} from '../../../meta/validation/label-selector.ts';
import { isValidLabelValue } from '../../../meta/validation/names.ts';
import type { FeatureEnabled } from '../../../request/request-context.ts';
import { Quantity } from '../../../runtime/quantity.ts';
import { isHugePageResourceName, isHugePageResourceValueDivisible } from '../resource-names.ts';
import type { NodeSelectorTerm, Pod, PodAffinityTerm, PodSpec, PodTemplateSpec } from '../v1/types.ts';
import { containersWithPath } from '../visit-containers.ts';
import {
  validateLegacyMatchLabelKeys,
  validateMatchLabelKeysAndMismatchLabelKeys,
} from './match-label-keys.ts';
import { validateLocalNonReservedPath } from './paths.ts';
import { parsePodDeletionCost } from './pod-annotations.ts';
import { allowedByGates, type Gates } from './pod-gates.ts';
import { validateHostSysctl } from './sysctls.ts';

export interface PodValidationOptions {
  /** Whether a feature gate is enabled or the stored object uses the feature. */
  readonly allows: FeatureEnabled;
  /** Whether the spec is that of a pod rather than a template. */
  readonly resourceIsPod?: boolean;
  readonly allowInvalidPodDeletionCost?: boolean;
  readonly allowInvalidLabelValueInSelector?: boolean;
  readonly allowIndivisibleHugePagesValues?: boolean;
  readonly allowInvalidTopologySpreadConstraintLabelSelector?: boolean;
  readonly allowNonLocalProjectedTokenPath?: boolean;
  readonly allowNamespacedSysctlsForHostNetAndHostIPC?: boolean;
  readonly allowInvalidLabelValueInRequiredNodeAffinity?: boolean;
  /** The stored pod's matchLabelKeys only comply with the older rule. */
  readonly oldPodViolatesMatchLabelKeysValidation?: boolean;
  /** The stored pod's matchLabelKeys only comply with the newer rule. */
  readonly oldPodViolatesLegacyMatchLabelKeysValidation?: boolean;
  readonly allowsResizeRestartsOfInitContainers?: boolean;
  readonly allowUserNamespacesWithVolumeDevices?: boolean;
  readonly allowEmptyImageVolumeReference?: boolean;
}

const NOWHERE = FieldPath.of('spec');

function affinityTerms({ affinity }: PodSpec): PodAffinityTerm[] {
  return [affinity?.podAffinity, affinity?.podAntiAffinity].flatMap((side) => [
    ...(side?.requiredDuringSchedulingIgnoredDuringExecution ?? []),
    ...(side?.preferredDuringSchedulingIgnoredDuringExecution ?? []).map((term) => term.podAffinityTerm),
  ]);
}

export function hasInvalidLabelValueInNodeSelectorTerms(terms: readonly NodeSelectorTerm[]): boolean {
  return terms.some((term) =>
    (term.matchExpressions ?? []).some(({ values }) =>
      (values ?? []).some((value) => isValidLabelValue(value).length > 0),
    ),
  );
}

function usesIndivisibleHugePages(spec: PodSpec): boolean {
  return [...containersWithPath(spec, NOWHERE)].some(({ container }) =>
    [container.resources?.limits, container.resources?.requests].some((list) =>
      Object.entries(list ?? {}).some(
        ([name, text]) =>
          isHugePageResourceName(name) && !isHugePageResourceValueDivisible(name, Quantity.parse(text)),
      ),
    ),
  );
}

function hasNonLocalProjectedTokenPath(spec: PodSpec): boolean {
  return (spec.volumes ?? []).some((volume) =>
    (volume.projected?.sources ?? []).some(
      ({ serviceAccountToken }) =>
        serviceAccountToken && validateLocalNonReservedPath(serviceAccountToken.path, NOWHERE).length > 0,
    ),
  );
}

/** For pods. `old` is the stored pod; undefined on create. */
export const podValidationOptions = (gates: Gates, old?: Pod): PodValidationOptions => ({
  ...podTemplateValidationOptions(gates, old),
  resourceIsPod: true,
});

export function podTemplateValidationOptions(
  gates: Gates,
  old: PodTemplateSpec | Pod | null | undefined,
): PodValidationOptions {
  const allows = allowedByGates(gates, old?.spec);
  return {
    ...toleratedIn(old?.spec, old?.metadata),
    ...(!allows('PodDeletionCost') && { allowInvalidPodDeletionCost: true }),
    allows,
  };
}

/** Violations in the stored object are tolerated. */
function toleratedIn(
  old: PodSpec | undefined,
  oldMeta: ObjectMeta | undefined,
): Omit<PodValidationOptions, 'allows'> {
  if (old === undefined) return {};
  const required = old.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  const constraints = old.topologySpreadConstraints ?? [];
  return {
    allowInvalidPodDeletionCost: parsePodDeletionCost(oldMeta?.annotations) === undefined,
    allowInvalidLabelValueInSelector: affinityTerms(old).some(({ labelSelector }) =>
      labelSelectorHasInvalidLabelValue(labelSelector),
    ),
    allowIndivisibleHugePagesValues: usesIndivisibleHugePages(old),
    allowInvalidTopologySpreadConstraintLabelSelector: constraints.some(
      ({ labelSelector }) => validateLabelSelector(labelSelector, NOWHERE).length > 0,
    ),
    allowNonLocalProjectedTokenPath: hasNonLocalProjectedTokenPath(old),
    allowNamespacedSysctlsForHostNetAndHostIPC: (old.securityContext?.sysctls ?? []).some(
      ({ name }) => validateHostSysctl(name, old, NOWHERE).length > 0,
    ),
    allowInvalidLabelValueInRequiredNodeAffinity: hasInvalidLabelValueInNodeSelectorTerms(
      required?.nodeSelectorTerms ?? [],
    ),
    oldPodViolatesMatchLabelKeysValidation: constraints.some(
      (constraint) => validateMatchLabelKeysAndMismatchLabelKeys(constraint, NOWHERE).length > 0,
    ),
    oldPodViolatesLegacyMatchLabelKeysValidation: constraints.some(
      (constraint) => validateLegacyMatchLabelKeys(constraint, NOWHERE).length > 0,
    ),
    allowsResizeRestartsOfInitContainers: (old.initContainers ?? []).some(
      (container) =>
        container.restartPolicy !== 'Always' &&
        (container.resizePolicy ?? []).some(({ restartPolicy }) => restartPolicy === 'RestartContainer'),
    ),
    allowEmptyImageVolumeReference: (old.volumes ?? []).some(({ image }) => image && !image.reference),
    allowUserNamespacesWithVolumeDevices:
      old.hostUsers === false &&
      [...containersWithPath(old, NOWHERE)].some(
        ({ container }) => (container.volumeDevices ?? []).length > 0,
      ),
  };
}
