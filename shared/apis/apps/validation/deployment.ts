/** https://github.com/kubernetes/kubernetes/blob/master/pkg/apis/apps/validation/validation.go */

import { type FieldError, forbidden, invalid, notSupported, required } from '../../../meta/field-error.ts';
import { FieldPath } from '../../../meta/field-path.ts';
import { validateImmutableField } from '../../../meta/validation/immutable.ts';
import { validateNonnegativeField } from '../../../meta/validation/values.ts';
import { appendAll } from '../../../util/append-all.ts';
import type { Gates } from '../../core/validation/pod-gates.ts';
import { podTemplateValidationOptions } from '../../core/validation/pod-validation-options.ts';
import type { Deployment, DeploymentStrategy, RollingUpdateDeployment } from '../v1/types.ts';
import {
  intOrPercentValue,
  isNotMoreThan100Percent,
  validatePositiveIntOrPercent,
} from './int-or-percent.ts';
import { validatePodTemplateSpecForReplicaSet } from './pod-template.ts';
import { readSelector, shownSelector, validateWorkloadSelector } from './selector.ts';
import { validateCollisionCount, validateCountsWithin, validateNonnegativeCounts } from './status-counts.ts';

const SPEC = FieldPath.of('spec');
const ROLLBACK = 'deprecated.deployment.rollback.to';

/** `old` is the stored deployment, whose template's violations an update may keep. */
export function validateDeployment(
  gates: Gates,
  { metadata, spec }: Deployment,
  old?: Deployment,
): FieldError[] {
  const { minReadySeconds = 0, progressDeadlineSeconds: deadline } = spec;
  const errors = [
    ...validateNonnegativeField(spec.replicas, SPEC.child('replicas')),
    ...validateWorkloadSelector(spec.selector, SPEC.child('selector'), 'deployment'),
  ];
  const selector = readSelector(spec.selector);
  if (selector === undefined) {
    errors.push(invalid(SPEC.child('selector'), shownSelector(spec.selector), 'invalid label selector'));
  } else {
    const options = podTemplateValidationOptions(gates, old?.spec.template);
    const path = SPEC.child('template');
    appendAll(errors, validatePodTemplateSpecForReplicaSet(spec.template, selector, path, options));
  }
  appendAll(
    errors,
    validateDeploymentStrategy(spec.strategy, SPEC.child('strategy')),
    validateNonnegativeField(minReadySeconds, SPEC.child('minReadySeconds')),
    validateNonnegativeField(spec.revisionHistoryLimit, SPEC.child('revisionHistoryLimit')),
    validateRollback(metadata.annotations?.[ROLLBACK]),
    validateNonnegativeField(deadline, SPEC.child('progressDeadlineSeconds')),
  );
  if (deadline !== undefined && deadline <= minReadySeconds) {
    const path = SPEC.child('progressDeadlineSeconds');
    errors.push(invalid(path, deadline, 'must be greater than minReadySeconds'));
  }
  return errors;
}

/** `rollbackTo` is a field of older versions and of upstream's internal form. */
function validateRollback(revision: string | undefined): FieldError[] {
  return revision === undefined
    ? []
    : validateNonnegativeField(Number(revision), SPEC.child('rollback', 'version'));
}

export function validateDeploymentUpdate(
  gates: Gates,
  deployment: Deployment,
  old: Deployment,
): FieldError[] {
  return [
    ...validateDeployment(gates, deployment, old),
    ...validateImmutableField(deployment.spec.selector, old.spec.selector, SPEC.child('selector')),
  ];
}

function validateDeploymentStrategy(strategy: DeploymentStrategy, path: FieldPath): FieldError[] {
  const { type = '', rollingUpdate } = strategy;
  const at = path.child('rollingUpdate');
  switch (type) {
    case 'Recreate':
      if (!rollingUpdate) return [];
      return [forbidden(at, "may not be specified when strategy `type` is 'Recreate'")];
    case 'RollingUpdate':
      if (rollingUpdate) return validateRollingUpdate(rollingUpdate, at);
      return [required(at, 'this should be defaulted and never be nil')];
    default: {
      const { maxUnavailable = 0, maxSurge = 0 } = rollingUpdate ?? {};
      const shown = rollingUpdate ? { MaxUnavailable: maxUnavailable, MaxSurge: maxSurge } : null;
      return [notSupported(path, { Type: type, RollingUpdate: shown }, ['Recreate', 'RollingUpdate'])];
    }
  }
}

function validateRollingUpdate(
  { maxUnavailable = 0, maxSurge = 0 }: RollingUpdateDeployment,
  path: FieldPath,
): FieldError[] {
  const unavailable = path.child('maxUnavailable');
  const errors = [
    ...validatePositiveIntOrPercent(maxUnavailable, unavailable),
    ...validatePositiveIntOrPercent(maxSurge, path.child('maxSurge')),
  ];
  if (intOrPercentValue(maxUnavailable) === 0 && intOrPercentValue(maxSurge) === 0) {
    errors.push(invalid(unavailable, maxUnavailable, 'may not be 0 when `maxSurge` is 0'));
  }
  return errors.concat(isNotMoreThan100Percent(maxUnavailable, unavailable));
}

export function validateDeploymentStatus({ status }: Deployment, old: Deployment): FieldError[] {
  return [
    ...validateNonnegativeCounts(status, [
      'observedGeneration',
      'replicas',
      'updatedReplicas',
      'readyReplicas',
      'availableReplicas',
      'unavailableReplicas',
      'terminatingReplicas',
      'collisionCount',
    ]),
    ...validateCountsWithin(status, ['updatedReplicas', 'readyReplicas', 'availableReplicas'], {
      limit: status.replicas,
      name: 'status.replicas',
    }),
    ...validateCountsWithin(status, ['availableReplicas'], {
      limit: status.readyReplicas,
      name: 'readyReplicas',
    }),
    ...validateCollisionCount(status, old.status),
  ];
}
