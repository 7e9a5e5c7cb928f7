import type { Pod } from '../../../apis/core/v1/types.ts';
import { podValidationOptions } from '../../../apis/core/validation/pod-validation-options.ts';
import { FieldPath } from '../../../meta/field-path.ts';
import { warningsForIP } from '../../../meta/validation/ip.ts';
import type { RESTStrategy } from '../../../rest/strategy.ts';
import { entryOf } from '../../../util/entry-of.ts';
import { once } from '../../../util/once.ts';
import { resetFields } from '../../generic/strategy-parts.ts';
import { loadDeclaredRules } from '../declared-rules.ts';
import { podStrategy } from './strategy.ts';

const loadRules = once(() => import('../../../apis/core/validation/pod-status.ts'));

const STATUS = FieldPath.of('status');

const OF_CLAIMS = [
  'resourceClaimStatuses',
  'extendedResourceClaimStatus',
  'nodeAllocatableResourceClaimStatuses',
] as const;

/** Clients that don't know these fields must not drop them; an empty list removes them. */
function keepClaims({ status }: Pod, { status: old }: Pod): void {
  for (const field of OF_CLAIMS) {
    if (old?.[field] && !status[field]) Object.assign(status, { [field]: old[field] });
  }
}

/** Clients that don't know observed generations must not drop them from status and conditions. */
function keepObservedGenerations({ status }: Pod, { status: old }: Pod): void {
  if (!status.observedGeneration && old?.observedGeneration !== undefined) {
    status.observedGeneration = old.observedGeneration;
  }
  // A type may occur more than once.
  const generations = new Map<string, (number | undefined)[]>();
  const taken = new Map<string, number>();
  for (const { type, observedGeneration } of old?.conditions ?? []) {
    entryOf(generations, type, () => []).push(observedGeneration);
  }
  for (const condition of status.conditions ?? []) {
    const at = taken.get(condition.type) ?? 0;
    taken.set(condition.type, at + 1);
    const generation = generations.get(condition.type)?.[at];
    if (!condition.observedGeneration && generation) condition.observedGeneration = generation;
  }
}

export const podStatusStrategy: RESTStrategy<Pod> = {
  ...podStrategy,
  declared: { type: 'Pod', load: loadDeclaredRules },
  resetFields: resetFields(['v1'], 'spec', 'metadata.deletionTimestamp', 'metadata.ownerReferences'),
  prepareForUpdate(_context, object, old) {
    object.spec = old.spec;
    object.status ??= {};
    delete object.metadata.deletionTimestamp;
    // Old kubelets send owner references that break garbage collection.
    if (old.metadata.ownerReferences === undefined) delete object.metadata.ownerReferences;
    else object.metadata.ownerReferences = old.metadata.ownerReferences;
    if (!object.status.qosClass && old.status?.qosClass) object.status.qosClass = old.status.qosClass;
    keepClaims(object, old);
    keepObservedGenerations(object, old);
  },
  validateUpdate: async (context, object, old) =>
    (await loadRules()).validatePodStatusUpdate(object, old, podValidationOptions(context, old)),
  warningsOnUpdate: (_context, { status }) =>
    (['podIPs', 'hostIPs'] as const).flatMap((field) =>
      (status[field] ?? []).flatMap(({ ip }, index) =>
        warningsForIP(STATUS.child(field).index(index).child('ip'), ip),
      ),
    ),
};
