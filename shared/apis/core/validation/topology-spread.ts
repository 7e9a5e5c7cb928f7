/** Rules for topology spread constraints. */

import { duplicate, type FieldError, invalid, notSupported, required } from '../../../meta/field-error.ts';
import type { FieldPath } from '../../../meta/field-path.ts';
import { validateLabelSelector } from '../../../meta/validation/label-selector.ts';
import { appendAll } from '../../../util/append-all.ts';
import type { TopologySpreadConstraint } from '../v1/types.ts';
import { validatePositiveField } from './helpers.ts';
import {
  validateLegacyMatchLabelKeys,
  validateMatchLabelKeysAndMismatchLabelKeys,
} from './match-label-keys.ts';
import type { PodValidationOptions } from './pod-validation-options.ts';

const SCHEDULE_ACTIONS = ['DoNotSchedule', 'ScheduleAnyway'];
const NODE_POLICIES = ['Honor', 'Ignore'];

function validateMinDomains(
  { minDomains, whenUnsatisfiable }: TopologySpreadConstraint,
  path: FieldPath,
): FieldError[] {
  if (minDomains === undefined) return [];
  const errors = validatePositiveField(minDomains, path);
  if (whenUnsatisfiable !== 'DoNotSchedule') {
    const detail = `can only use minDomains if whenUnsatisfiable=DoNotSchedule, not ${whenUnsatisfiable}`;
    errors.push(invalid(path, minDomains, detail));
  }
  return errors;
}

function validateNodePolicy(policy: string | undefined, path: FieldPath): FieldError[] {
  if (policy === undefined || NODE_POLICIES.includes(policy)) return [];
  return [notSupported(path, policy, NODE_POLICIES)];
}

/** Constraints must differ in key or action. */
const identityOf = ({ topologyKey, whenUnsatisfiable }: TopologySpreadConstraint): string =>
  `${whenUnsatisfiable}/${topologyKey}`;

/** Whether `matchLabelKeys` are validated by the older rule, depending on feature gates and on the stored pod. */
function keepsToOlderRule(options: PodValidationOptions): boolean {
  if (!options.allows('MatchLabelKeysInPodTopologySpread')) return true;
  if (options.allows('MatchLabelKeysInPodTopologySpreadSelectorMerge')) {
    return options.oldPodViolatesMatchLabelKeysValidation === true;
  }
  return options.oldPodViolatesLegacyMatchLabelKeysValidation !== true;
}

function validateConstraint(
  constraint: TopologySpreadConstraint,
  path: FieldPath,
  { isLast, options }: { isLast: boolean; options: PodValidationOptions },
): FieldError[] {
  const { maxSkew, topologyKey, whenUnsatisfiable: action } = constraint;
  const errors = validatePositiveField(maxSkew, path.child('maxSkew'));
  if (!topologyKey) errors.push(required(path.child('topologyKey'), 'can not be empty'));
  if (!SCHEDULE_ACTIONS.includes(action)) {
    errors.push(notSupported(path.child('whenUnsatisfiable'), action, SCHEDULE_ACTIONS));
  }
  if (!isLast) {
    const at = path.child('{topologyKey, whenUnsatisfiable}');
    errors.push(duplicate(at, `{${topologyKey}, ${action}}`));
  }
  appendAll(
    errors,
    validateMinDomains(constraint, path.child('minDomains')),
    validateNodePolicy(constraint.nodeAffinityPolicy, path.child('nodeAffinityPolicy')),
    validateNodePolicy(constraint.nodeTaintsPolicy, path.child('nodeTaintsPolicy')),
    keepsToOlderRule(options)
      ? validateLegacyMatchLabelKeys(constraint, path.child('matchLabelKeys'))
      : validateMatchLabelKeysAndMismatchLabelKeys(constraint, path),
  );
  if (options.allowInvalidTopologySpreadConstraintLabelSelector) return errors;
  return [...errors, ...validateLabelSelector(constraint.labelSelector, path.child('labelSelector'))];
}

export function validateTopologySpreadConstraints(
  constraints: readonly TopologySpreadConstraint[] | undefined,
  path: FieldPath,
  options: PodValidationOptions,
): FieldError[] {
  const last = new Map((constraints ?? []).map((constraint) => [identityOf(constraint), constraint]));
  return (constraints ?? []).flatMap((constraint, index) => {
    const isLast = last.get(identityOf(constraint)) === constraint;
    return validateConstraint(constraint, path.index(index), { isLast, options });
  });
}
