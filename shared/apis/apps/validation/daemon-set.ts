/** https://github.com/kubernetes/kubernetes/blob/master/pkg/apis/apps/validation/validation.go */

import { type FieldError, invalid, notSupported, required } from '../../../meta/field-error.ts';
import { FieldPath } from '../../../meta/field-path.ts';
import { validateImmutableField } from '../../../meta/validation/immutable.ts';
import {
  labelSelectorHasInvalidLabelValue,
  validateLabelSelector,
} from '../../../meta/validation/label-selector.ts';
import { validateNonnegativeField } from '../../../meta/validation/values.ts';
import { sortKeys } from '../../../util/sort-keys.ts';
import type { Gates } from '../../core/validation/pod-gates.ts';
import { validatePodTemplateSpec } from '../../core/validation/pod-template.ts';
import { podTemplateValidationOptions } from '../../core/validation/pod-validation-options.ts';
import type { DaemonSet, DaemonSetUpdateStrategy, RollingUpdateDaemonSet } from '../v1/types.ts';
import {
  intOrPercentValue,
  isNotMoreThan100Percent,
  validatePositiveIntOrPercent,
} from './int-or-percent.ts';
import { validateAlwaysRunning } from './pod-template.ts';
import { isEmptySelector, readSelector, shownSelector } from './selector.ts';
import { validateCollisionCount, validateNonnegativeCounts } from './status-counts.ts';

const SPEC = FieldPath.of('spec');

/** `old` is the stored set, whose violations an update may keep. */
export function validateDaemonSet(gates: Gates, { spec }: DaemonSet, old?: DaemonSet): FieldError[] {
  const fromTemplate = podTemplateValidationOptions(gates, old?.spec.template);
  const options = {
    ...fromTemplate,
    allowInvalidLabelValueInSelector:
      fromTemplate.allowInvalidLabelValueInSelector === true ||
      labelSelectorHasInvalidLabelValue(old?.spec.selector),
  };
  const template = SPEC.child('template');
  const errors = validateLabelSelector(spec.selector, SPEC.child('selector'), options);
  const { labels } = spec.template.metadata;
  if (readSelector(spec.selector)?.matches(labels ?? {}) === false) {
    const detail = '`selector` does not match template `labels`';
    errors.push(invalid(template.child('metadata', 'labels'), sortKeys(labels), detail));
  }
  if (spec.selector && isEmptySelector(spec.selector)) {
    const detail = 'empty selector is invalid for daemonset';
    errors.push(invalid(SPEC.child('selector'), shownSelector(spec.selector), detail));
  }
  return errors.concat(
    validatePodTemplateSpec(spec.template, template, options),
    validateAlwaysRunning(spec.template, template, 'DaemonSet'),
    validateNonnegativeField(spec.minReadySeconds, SPEC.child('minReadySeconds')),
    validateUpdateStrategy(spec.updateStrategy, SPEC.child('updateStrategy')),
    validateNonnegativeField(spec.revisionHistoryLimit, SPEC.child('revisionHistoryLimit')),
  );
}

export function validateDaemonSetUpdate(gates: Gates, set: DaemonSet, old: DaemonSet): FieldError[] {
  return [
    ...validateImmutableField(set.spec.selector, old.spec.selector, SPEC.child('selector')),
    ...validateDaemonSet(gates, set, old),
  ];
}

function validateUpdateStrategy(strategy: DaemonSetUpdateStrategy, path: FieldPath): FieldError[] {
  const { type = '', rollingUpdate } = strategy;
  const at = path.child('rollingUpdate');
  switch (type) {
    case 'OnDelete':
      return [];
    case 'RollingUpdate':
      return rollingUpdate ? validateRollingUpdate(rollingUpdate, at) : [required(at, '')];
    default: {
      const { maxUnavailable = 0, maxSurge = 0 } = rollingUpdate ?? {};
      const shown = rollingUpdate ? { MaxUnavailable: maxUnavailable, MaxSurge: maxSurge } : null;
      return [notSupported(path, { Type: type, RollingUpdate: shown }, ['RollingUpdate', 'OnDelete'])];
    }
  }
}

function validateRollingUpdate(
  { maxUnavailable = 0, maxSurge = 0 }: RollingUpdateDaemonSet,
  path: FieldPath,
): FieldError[] {
  const unavailable = path.child('maxUnavailable');
  const surge = path.child('maxSurge');
  const errors = [
    ...validatePositiveIntOrPercent(maxUnavailable, unavailable),
    ...validatePositiveIntOrPercent(maxSurge, surge),
    ...isNotMoreThan100Percent(maxUnavailable, unavailable),
    ...isNotMoreThan100Percent(maxSurge, surge),
  ];
  const hasUnavailable = intOrPercentValue(maxUnavailable) !== 0;
  const hasSurge = intOrPercentValue(maxSurge) !== 0;
  if (hasUnavailable && hasSurge) {
    errors.push(invalid(surge, maxSurge, 'may not be set when maxUnavailable is non-zero'));
  } else if (!hasUnavailable && !hasSurge) {
    errors.push(required(unavailable, 'cannot be 0 when maxSurge is 0'));
  }
  return errors;
}

export function validateDaemonSetStatus({ status }: DaemonSet, old: DaemonSet): FieldError[] {
  return [
    ...validateNonnegativeCounts(status, [
      'currentNumberScheduled',
      'numberMisscheduled',
      'desiredNumberScheduled',
      'numberReady',
      'observedGeneration',
      'updatedNumberScheduled',
      'numberAvailable',
      'numberUnavailable',
      'collisionCount',
    ]),
    ...validateCollisionCount(status, old.status),
  ];
}
