/** https://github.com/kubernetes/kubernetes/blob/master/pkg/registry/core/pod/strategy.go */

import { dropDisabledPodFields } from '../../../apis/core/gated-pod-fields.ts';
import { isPodTerminal } from '../../../apis/core/pod-conditions.ts';
import { keepPodLevelResources, preparePodLevelResources } from '../../../apis/core/pod-level-defaults.ts';
import { computePodQOS } from '../../../apis/core/pod-qos.ts';
import type { Pod } from '../../../apis/core/v1/types.ts';
import { podValidationOptions } from '../../../apis/core/validation/pod-validation-options.ts';
import { semanticDeepEqual } from '../../../meta/deep-equal.ts';
import { isDNS1123Label, nameIsDNSSubdomain } from '../../../meta/validation/names.ts';
import type { RESTStrategy } from '../../../rest/strategy.ts';
import { once } from '../../../util/once.ts';
import { raiseGeneration, resetFields } from '../../generic/strategy-parts.ts';
import {
  applyAppArmorAnnotations,
  applySchedulingGatedCondition,
  mergeMatchLabelKeys,
} from './prepare-create.ts';

const loadRules = once(() => import('../../../apis/core/validation/pods.ts'));
const loadWarnings = once(() => import('../../../apis/core/warnings/pods.ts'));

export function updatePodGeneration(pod: Pod, old: Pod): void {
  if (!semanticDeepEqual(pod.spec, old.spec)) raiseGeneration(pod, old);
}

function nameWarnings(name = ''): string[] {
  const messages = isDNS1123Label(name);
  if (messages.length === 0) return [];
  return [
    `metadata.name: this is used in the Pod's hostname, which can result in surprising behavior; a DNS label is recommended: [${messages.join(' ')}]`,
  ];
}

/** The grace period in seconds: 0 for a pod that isn't bound or is terminal. */
function gracePeriod(pod: Pod, asked: number | undefined): number {
  if (!pod.spec.nodeName || isPodTerminal(pod)) return 0;
  const seconds = asked ?? pod.spec.terminationGracePeriodSeconds ?? 0;
  return seconds < 0 ? 1 : seconds;
}

export const podStrategy: RESTStrategy<Pod> = {
  kind: { group: '', kind: 'Pod' },
  namespaced: true,
  validateName: nameIsDNSSubdomain,
  resetFields: resetFields(['v1'], 'status'),
  dropDisabledFields(context, pod, old) {
    if (old !== undefined) keepPodLevelResources(context, pod, old);
    dropDisabledPodFields(context, pod, old);
  },
  prepareForCreate(context, object) {
    object.metadata.generation = 1;
    object.status = { phase: 'Pending' };
    applySchedulingGatedCondition(object);
    mergeMatchLabelKeys(context, object);
    applyAppArmorAnnotations(object, context);
    preparePodLevelResources(context, object);
    object.status.qosClass = computePodQOS(object, context);
  },
  validate: async (context, object) =>
    (await loadRules()).validatePodCreate(object, podValidationOptions(context)),
  warningsOnCreate: async (_context, object) => [
    ...nameWarnings(object.metadata.name),
    ...(await loadWarnings()).warningsForPod(object),
  ],
  prepareForUpdate(_context, object, old) {
    object.status = old.status;
    updatePodGeneration(object, old);
  },
  validateUpdate: async (context, object, old) =>
    (await loadRules()).validatePodUpdate(object, old, podValidationOptions(context, old)),
  checkGracefulDelete(_context, object, options) {
    options.gracePeriodSeconds = gracePeriod(object, options.gracePeriodSeconds);
    return true;
  },
};
