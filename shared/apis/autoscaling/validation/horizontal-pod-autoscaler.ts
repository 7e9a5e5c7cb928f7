/** https://github.com/kubernetes/kubernetes/blob/master/pkg/apis/autoscaling/validation/validation.go */

import { type FieldError, forbidden, invalid, required } from '../../../meta/field-error.ts';
import { FieldPath } from '../../../meta/field-path.ts';
import { validateNonnegativeField } from '../../../meta/validation/values.ts';
import { appendAll } from '../../../util/append-all.ts';
import type { CrossVersionObjectReference, HorizontalPodAutoscaler, MetricSpec } from '../v2/types.ts';
import {
  apiVersionError,
  type ReferenceTolerance,
  validateCrossVersionObjectReference,
} from './cross-version-object-reference.ts';
import { validateMetricSpec } from './metric-spec.ts';
import { validateScalingRules } from './scaling-rules.ts';

const SPEC = FieldPath.of('spec');
const STATUS = FieldPath.of('status');

/** `old` is the stored autoscaler, whose violations an update may keep. `toZero` permits scaling to zero. */
export function validateHorizontalPodAutoscaler(
  { spec }: HorizontalPodAutoscaler,
  toZero: boolean,
  old?: HorizontalPodAutoscaler,
): FieldError[] {
  const { minReplicas, maxReplicas, scaleTargetRef, metrics, behavior } = spec;
  const lowest = toZero || old?.spec.minReplicas === 0 ? 0 : 1;
  const errors: FieldError[] = [];
  if (minReplicas !== undefined && minReplicas < lowest) {
    const detail = `must be greater than or equal to ${lowest}`;
    errors.push(invalid(SPEC.child('minReplicas'), minReplicas, detail));
  }
  const max = SPEC.child('maxReplicas');
  if (maxReplicas === 0) errors.push(required(max, 'must be set and greater than 0'));
  else if (maxReplicas < 0) errors.push(invalid(max, maxReplicas, 'must be greater than or equal to 1'));
  if (minReplicas !== undefined && maxReplicas < minReplicas) {
    errors.push(invalid(max, maxReplicas, 'must be greater than or equal to `minReplicas`'));
  }
  const tolerance = scaleTargetTolerance(scaleTargetRef, old?.spec.scaleTargetRef);
  appendAll(
    errors,
    validateCrossVersionObjectReference(scaleTargetRef, SPEC.child('scaleTargetRef'), tolerance),
  );
  appendAll(errors, validateMetrics(metrics ?? [], minReplicas, objectMetricTolerance(old)));
  if (behavior === undefined) return errors;
  return errors.concat(
    validateScalingRules(behavior.scaleUp, SPEC.child('behavior', 'scaleUp')),
    validateScalingRules(behavior.scaleDown, SPEC.child('behavior', 'scaleDown')),
  );
}

export function validateHorizontalPodAutoscalerStatus({ status }: HorizontalPodAutoscaler): FieldError[] {
  return [
    ...(status.conditions ?? []).flatMap(({ observedGeneration }, index) =>
      validateNonnegativeField(
        observedGeneration,
        STATUS.child('conditions').index(index).child('observedGeneration'),
      ),
    ),
    ...(['currentReplicas', 'desiredReplicas'] as const).flatMap((field) =>
      validateNonnegativeField(status[field], STATUS.child(field)),
    ),
  ];
}

function scaleTargetTolerance(
  ref: CrossVersionObjectReference,
  old: CrossVersionObjectReference | undefined,
): ReferenceTolerance {
  if (old !== undefined && old.apiVersion === ref.apiVersion && old.kind === ref.kind) {
    return { emptyAPIGroup: false, invalidAPIVersion: true };
  }
  return { emptyAPIGroup: ref.kind === 'ReplicationController', invalidAPIVersion: false };
}

function objectMetricTolerance(old: HorizontalPodAutoscaler | undefined): ReferenceTolerance {
  const strict = { emptyAPIGroup: true, invalidAPIVersion: false };
  const stored = (old?.spec.metrics ?? []).filter(({ type, object }) => type === 'Object' && object);
  const bad = stored.some(({ object }) => apiVersionError(object!.describedObject, strict) !== undefined);
  return { ...strict, invalidAPIVersion: bad };
}

function validateMetrics(
  metrics: readonly MetricSpec[],
  minReplicas: number | undefined,
  tolerance: ReferenceTolerance,
): FieldError[] {
  const path = SPEC.child('metrics');
  const errors = metrics.flatMap((metric, index) => validateMetricSpec(metric, path.index(index), tolerance));
  if (minReplicas === 0 && !metrics.some(({ type }) => type === 'Object' || type === 'External')) {
    const detail = 'must specify at least one Object or External metric to support scaling to zero replicas';
    errors.push(forbidden(path, detail));
  }
  return errors;
}
