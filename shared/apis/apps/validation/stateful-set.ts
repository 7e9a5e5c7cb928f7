/** https://github.com/kubernetes/kubernetes/blob/master/pkg/apis/apps/validation/validation.go */

import {
  type FieldError,
  invalid,
  invalidEach,
  notSupported,
  required,
  shownAs,
} from '../../../meta/field-error.ts';
import { FieldPath } from '../../../meta/field-path.ts';
import { validateImmutableField } from '../../../meta/validation/immutable.ts';
import { isDNS1123Label } from '../../../meta/validation/names.ts';
import { validateAnnotations, validateLabels } from '../../../meta/validation/object-meta.ts';
import { validateNonnegativeField } from '../../../meta/validation/values.ts';
import { appendAll } from '../../../util/append-all.ts';
import type { PodTemplateSpec, Volume } from '../../core/v1/types.ts';
import { validatePersistentVolumeClaimSpec } from '../../core/validation/persistent-volume-claim-spec.ts';
import { validatePodSpecificAnnotations } from '../../core/validation/pod-annotations.ts';
import type { Gates } from '../../core/validation/pod-gates.ts';
import { validatePodTemplateSpec } from '../../core/validation/pod-template.ts';
import {
  type PodValidationOptions,
  podTemplateValidationOptions,
} from '../../core/validation/pod-validation-options.ts';
import type { RollingUpdateStatefulSetStrategy, StatefulSet, StatefulSetSpec } from '../v1/types.ts';
import {
  intOrPercentValue,
  isNotMoreThan100Percent,
  validatePositiveIntOrPercent,
} from './int-or-percent.ts';
import { validateAlwaysRunning, validateTemplateLabels } from './pod-template.ts';
import { readSelector, shownSelector, validateWorkloadSelector } from './selector.ts';
import { validateCollisionCount, validateCountsWithin, validateNonnegativeCounts } from './status-counts.ts';

const SPEC = FieldPath.of('spec');
const MANAGEMENT_POLICIES = ['OrderedReady', 'Parallel'];
const RETENTION_POLICIES = ['Retain', 'Delete'];

interface Tolerance {
  readonly options: PodValidationOptions;
  /** Immutable fields may keep existing violations. */
  readonly invalidServiceName: boolean;
  readonly invalidVolumeClaimTemplates: boolean;
  /** Set if the stored set is invalid in some way, which may include its template. */
  readonly invalidPodTemplate: boolean;
  readonly recreates: boolean;
}

const RECREATES = 'StatefulSetRecreateStrategy';

export function validateStatefulSet(gates: Gates, { spec }: StatefulSet): FieldError[] {
  return validateSpec(spec, {
    options: podTemplateValidationOptions(gates, undefined),
    recreates: gates.featureEnabled(RECREATES),
    invalidServiceName: false,
    invalidVolumeClaimTemplates: false,
    invalidPodTemplate: false,
  });
}

export function validateStatefulSetUpdate(
  gates: Gates,
  { spec }: StatefulSet,
  old: StatefulSet,
): FieldError[] {
  const tolerance = {
    options: podTemplateValidationOptions(gates, old.spec.template),
    recreates: gates.featureEnabled(RECREATES) || old.spec.updateStrategy.type === 'Recreate',
    invalidServiceName: true,
    invalidVolumeClaimTemplates: true,
    invalidPodTemplate: false,
  };
  const invalidPodTemplate = validateSpec(old.spec, tolerance).length > 0;
  const errors = validateSpec(spec, { ...tolerance, invalidPodTemplate });
  const claims = SPEC.child('volumeClaimTemplates');
  return [
    ...errors,
    ...validateImmutableField(spec.selector, old.spec.selector, SPEC.child('selector')),
    ...shownAs(
      'core.PersistentVolumeClaim',
      validateImmutableField(spec.volumeClaimTemplates, old.spec.volumeClaimTemplates, claims),
    ),
    ...(['serviceName', 'podManagementPolicy'] as const).flatMap((field) =>
      validateImmutableField(spec[field] ?? '', old.spec[field] ?? '', SPEC.child(field)),
    ),
  ];
}

function validateSpec(spec: StatefulSetSpec, tolerance: Tolerance): FieldError[] {
  const errors = [
    ...validateManagementPolicy(spec.podManagementPolicy ?? ''),
    ...validateUpdateStrategy(spec, tolerance),
    ...validateRetentionPolicy(spec),
  ];
  if (!tolerance.invalidVolumeClaimTemplates) {
    for (const [index, claim] of (spec.volumeClaimTemplates ?? []).entries()) {
      const path = SPEC.child('volumeClaimTemplates').index(index).child('spec');
      appendAll(errors, validatePersistentVolumeClaimSpec(claim.spec, path));
    }
  }
  appendAll(
    errors,
    validateNonnegativeField(spec.replicas, SPEC.child('replicas')),
    validateNonnegativeField(spec.minReadySeconds, SPEC.child('minReadySeconds')),
    validateNonnegativeField(spec.ordinals?.start, SPEC.child('ordinals.start')),
  );
  const { serviceName } = spec;
  if (!tolerance.invalidServiceName && serviceName) {
    appendAll(errors, invalidEach(SPEC.child('serviceName'), serviceName, isDNS1123Label(serviceName)));
  }
  appendAll(errors, validateWorkloadSelector(spec.selector, SPEC.child('selector'), 'statefulset'));
  return errors.concat(validateTemplate(spec, tolerance));
}

function validateManagementPolicy(policy: string): FieldError[] {
  const path = SPEC.child('podManagementPolicy');
  if (policy === '') return [required(path, '')];
  if (MANAGEMENT_POLICIES.includes(policy)) return [];
  return [invalid(path, policy, "must be 'OrderedReady' or 'Parallel'")];
}

const shownRollingUpdate = (rollingUpdate: RollingUpdateStatefulSetStrategy | undefined) =>
  rollingUpdate
    ? { Partition: rollingUpdate.partition ?? 0, MaxUnavailable: rollingUpdate.maxUnavailable ?? null }
    : null;

function validateUpdateStrategy({ updateStrategy }: StatefulSetSpec, { recreates }: Tolerance): FieldError[] {
  const { type = '', rollingUpdate } = updateStrategy;
  const path = SPEC.child('updateStrategy');
  switch (recreates && type === 'Recreate' ? 'OnDelete' : type) {
    case '':
      return [required(path, '')];
    case 'OnDelete': {
      if (!rollingUpdate) return [];
      const detail = "only allowed for updateStrategy 'RollingUpdate'";
      return [invalid(path.child('rollingUpdate'), shownRollingUpdate(rollingUpdate), detail)];
    }
    case 'RollingUpdate':
      return rollingUpdate ? validateRollingUpdate(rollingUpdate, path.child('rollingUpdate')) : [];
    default: {
      const shown = { Type: type, RollingUpdate: shownRollingUpdate(rollingUpdate) };
      const known = recreates
        ? "must be 'RollingUpdate', 'OnDelete', or 'Recreate'"
        : "must be 'RollingUpdate' or 'OnDelete'";
      return [invalid(path, shown, known)];
    }
  }
}

function validateRollingUpdate(
  { partition, maxUnavailable }: RollingUpdateStatefulSetStrategy,
  path: FieldPath,
): FieldError[] {
  const errors = validateNonnegativeField(partition, path.child('partition'));
  if (maxUnavailable === undefined) return errors;
  const at = path.child('maxUnavailable');
  appendAll(errors, validatePositiveIntOrPercent(maxUnavailable, at));
  if (intOrPercentValue(maxUnavailable) === 0) errors.push(invalid(at, maxUnavailable, 'cannot be 0'));
  return errors.concat(isNotMoreThan100Percent(maxUnavailable, at));
}

function validateRetentionPolicy({
  persistentVolumeClaimRetentionPolicy: policy,
}: StatefulSetSpec): FieldError[] {
  if (!policy) return [];
  const path = SPEC.child('persistentVolumeClaimRetentionPolicy');
  return (['whenDeleted', 'whenScaled'] as const)
    .filter((field) => !RETENTION_POLICIES.includes(policy[field] ?? ''))
    .map((field) => notSupported(path.child(field), policy[field] ?? '', RETENTION_POLICIES));
}

/** The template with the changes made for each pod: hostnames are set, and claims become volumes. */
function completedTemplate({ template, volumeClaimTemplates }: StatefulSetSpec): PodTemplateSpec {
  const { subdomain: _, hostname: __, ...spec } = template.spec;
  if (!volumeClaimTemplates?.length) return { ...template, spec };
  const claims = new Map<string, Volume>();
  for (const { metadata } of volumeClaimTemplates) {
    const name = metadata.name ?? '';
    claims.set(name, { name, persistentVolumeClaim: { claimName: name } });
  }
  const others = (spec.volumes ?? []).filter(({ name }) => !claims.has(name));
  return { ...template, spec: { ...spec, volumes: [...claims.values(), ...others] } };
}

function validateTemplate(spec: StatefulSetSpec, { options, invalidPodTemplate }: Tolerance): FieldError[] {
  const path = SPEC.child('template');
  const errors: FieldError[] = [];
  const selector = readSelector(spec.selector);
  if (selector === undefined) errors.push(invalid(SPEC.child('selector'), shownSelector(spec.selector), ''));
  else {
    const template = completedTemplate(spec);
    const { labels, annotations } = template.metadata;
    appendAll(errors, validateTemplateLabels(template, selector, path));
    if (!invalidPodTemplate) appendAll(errors, validatePodTemplateSpec(template, path, options));
    appendAll(
      errors,
      validateLabels(labels, path.child('labels')),
      validateAnnotations(annotations, path.child('annotations')),
      validatePodSpecificAnnotations(annotations, template.spec, path.child('annotations'), options),
    );
  }
  return errors.concat(validateAlwaysRunning(spec.template, path, 'StatefulSet'));
}

export function validateStatefulSetStatus({ status }: StatefulSet, old: StatefulSet): FieldError[] {
  return [
    ...validateNonnegativeCounts(status, [
      'replicas',
      'readyReplicas',
      'currentReplicas',
      'updatedReplicas',
      'availableReplicas',
      'observedGeneration',
      'collisionCount',
    ]),
    ...validateCountsWithin(
      status,
      ['readyReplicas', 'currentReplicas', 'updatedReplicas', 'availableReplicas'],
      { limit: status.replicas, name: 'status.replicas' },
    ),
    ...validateCountsWithin(status, ['availableReplicas'], {
      limit: status.readyReplicas,
      name: 'status.readyReplicas',
    }),
    ...validateCollisionCount(status, old.status),
  ];
}
