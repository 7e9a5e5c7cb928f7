/** Fields that are set when a pod is created. */

import { appArmorProfileOf } from '../../../apis/core/apparmor.ts';
import { updatePodCondition } from '../../../apis/core/pod-conditions.ts';
import type { Pod, PodAffinityTerm, PodSpec, TopologySpreadConstraint } from '../../../apis/core/v1/types.ts';
import type { Gates } from '../../../apis/core/validation/pod-gates.ts';
import {
  APPARMOR_CONTAINER,
  validateAppArmorProfileField,
} from '../../../apis/core/validation/security-profiles.ts';
import { containersWithPath } from '../../../apis/core/visit-containers.ts';
import { semanticDeepEqual } from '../../../meta/deep-equal.ts';
import { FieldPath } from '../../../meta/field-path.ts';
import type { LabelSelector } from '../../../meta/v1/types.ts';
import type { WarningRecorder } from '../../../request/request-context.ts';

const SPEC = FieldPath.of('spec');
const ANNOTATIONS = FieldPath.of('metadata', 'annotations');

export function applySchedulingGatedCondition({ spec, status }: Pod): void {
  if (!spec.schedulingGates?.length) return;
  updatePodCondition(status, {
    type: 'PodScheduled',
    status: 'False',
    reason: 'SchedulingGated',
    message: 'Scheduling is blocked due to non-empty scheduling gates',
  });
}

type Labels = Readonly<Record<string, string>>;

/** Adds the pod's own values for the keys to the selector. A missing selector selects nothing and stays so. */
function applyLabelKeys(
  selector: LabelSelector | undefined,
  keys: readonly string[] | undefined,
  { operator, labels }: { readonly operator: 'In' | 'NotIn'; readonly labels: Labels },
): void {
  if (!selector || !keys?.length) return;
  const requirements = keys
    .filter((key) => Object.hasOwn(labels, key))
    .map((key) => ({ key, operator, values: [labels[key]!] }));
  if (requirements.length === 0) return;
  selector.matchExpressions = [...(selector.matchExpressions ?? []), ...requirements];
}

function applyMatchLabelKeys(
  { labelSelector, matchLabelKeys }: TopologySpreadConstraint | PodAffinityTerm,
  labels: Labels,
): void {
  applyLabelKeys(labelSelector, matchLabelKeys, { operator: 'In', labels });
}

/** Merges `matchLabelKeys` of a pod's constraints into their selectors. */
export function mergeMatchLabelKeys(gates: Gates, { metadata, spec }: Pod): void {
  const labels = metadata.labels ?? {};
  if (gates.featureEnabled('MatchLabelKeysInPodAffinity')) mergeIntoAffinity(spec, labels);
  const mergesIntoConstraints =
    gates.featureEnabled('MatchLabelKeysInPodTopologySpread') &&
    gates.featureEnabled('MatchLabelKeysInPodTopologySpreadSelectorMerge');
  if (!mergesIntoConstraints) return;
  for (const constraint of spec.topologySpreadConstraints ?? []) applyMatchLabelKeys(constraint, labels);
}

function mergeIntoAffinity(spec: PodSpec, labels: Labels): void {
  for (const field of ['podAffinity', 'podAntiAffinity'] as const) {
    const side = spec.affinity?.[field];
    const preferred = side?.preferredDuringSchedulingIgnoredDuringExecution ?? [];
    const required = side?.requiredDuringSchedulingIgnoredDuringExecution ?? [];
    for (const term of [...preferred.map(({ podAffinityTerm }) => podAffinityTerm), ...required]) {
      applyMatchLabelKeys(term, labels);
      applyLabelKeys(term.labelSelector, term.mismatchLabelKeys, { operator: 'NotIn', labels });
    }
  }
}

/** Converts deprecated AppArmor annotations to fields and adds a warning. */
export function applyAppArmorAnnotations({ metadata, spec }: Pod, recorder: WarningRecorder): void {
  if (spec.os?.name === 'windows') return;
  const annotations = metadata.annotations ?? {};
  for (const { container } of containersWithPath(spec, SPEC)) {
    const key = `${APPARMOR_CONTAINER}${container.name}`;
    if (!Object.hasOwn(annotations, key) || container.securityContext?.appArmorProfile) continue;
    const profile = appArmorProfileOf(annotations[key]!);
    const valid = profile && validateAppArmorProfileField(profile, SPEC).length === 0;
    if (valid) {
      if (semanticDeepEqual(profile, spec.securityContext?.appArmorProfile)) continue;
      container.securityContext = { ...container.securityContext, appArmorProfile: profile };
    }
    recorder.addWarning(
      `${ANNOTATIONS.key(key)}: deprecated since v1.30; use the "appArmorProfile" field instead`,
    );
  }
}
