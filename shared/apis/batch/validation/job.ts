/** https://github.com/kubernetes/kubernetes/blob/master/pkg/apis/batch/validation/validation.go */

import { type FieldError, invalid, required, shownAs } from '../../../meta/field-error.ts';
import { FieldPath } from '../../../meta/field-path.ts';
import { validateImmutableField } from '../../../meta/validation/immutable.ts';
import {
  labelSelectorHasInvalidLabelValue,
  validateLabelSelector,
} from '../../../meta/validation/label-selector.ts';
import { isDNS1123Label } from '../../../meta/validation/names.ts';
import { appendAll } from '../../../util/append-all.ts';
import { sortKeys } from '../../../util/sort-keys.ts';
import { readSelector, shownSelector } from '../../apps/validation/selector.ts';
import type { Container, PodSpec, PodTemplateSpec } from '../../core/v1/types.ts';
import type { Gates } from '../../core/validation/pod-gates.ts';
import { podTemplateValidationOptions } from '../../core/validation/pod-validation-options.ts';
import { CONTROLLER_UID, JOB_NAME, LEGACY_CONTROLLER_UID, LEGACY_JOB_NAME } from '../job-labels.ts';
import type { Job, JobSpec } from '../v1/types.ts';
import { validateJobSpec } from './job-spec.ts';
import { validateJobSchedulingUpdate } from './scheduling.ts';

const SPEC = FieldPath.of('spec');
const NAME = FieldPath.of('metadata', 'name');
const TEMPLATE_LABELS = SPEC.child('template', 'metadata', 'labels');

/** `old` is the stored job, whose violations an update may keep. */
export function validateJob(gates: Gates, job: Job, old?: Job): FieldError[] {
  const fromTemplate = podTemplateValidationOptions(gates, old?.spec.template);
  const options = {
    ...fromTemplate,
    allowInvalidLabelValueInSelector:
      fromTemplate.allowInvalidLabelValueInSelector === true ||
      labelSelectorHasInvalidLabelValue(old?.spec.selector),
  };
  const { spec } = job;
  const errors = [...validateGeneratedSelector(job, old), ...validateJobSpec(spec, SPEC, options)];
  if (!spec.selector) errors.push(required(SPEC.child('selector'), ''));
  appendAll(errors, validateLabelSelector(spec.selector, SPEC.child('selector'), options));
  const { labels } = spec.template.metadata;
  if (readSelector(spec.selector)?.matches(labels ?? {}) === false) {
    errors.push(invalid(TEMPLATE_LABELS, sortKeys(labels), '`selector` does not match template `labels`'));
  }
  return errors.concat(validateHostnames(job));
}

/** Pods of indexed jobs derive their hostnames from the job's name. */
function validateHostnames({ metadata, spec }: Job): FieldError[] {
  if (spec.completionMode !== 'Indexed' || (spec.completions ?? 0) <= 0) return [];
  const { name = '' } = metadata;
  const hostname = `${name}-${spec.completions! - 1}`;
  if (isDNS1123Label(hostname).length === 0) return [];
  return [invalid(NAME, name, `will not able to create pod with invalid DNS label: ${hostname}`)];
}

/** Unless it is manual, the selector must be the generated one. */
function validateGeneratedSelector({ metadata, spec }: Job, old: Job | undefined): FieldError[] {
  if (spec.manualSelector || !spec.selector) return [];
  const { uid = '', name = '' } = metadata;
  const legacy = { [LEGACY_CONTROLLER_UID]: uid, [LEGACY_JOB_NAME]: name };
  const stored = old?.spec.template.metadata.labels ?? {};
  const prefixed =
    old === undefined || (stored[JOB_NAME] !== undefined && stored[CONTROLLER_UID] !== undefined);
  const expected = prefixed ? { ...legacy, [CONTROLLER_UID]: uid, [JOB_NAME]: name } : legacy;
  const errors = uid === '' ? [required(FieldPath.of('metadata', 'uid'), '')] : [];
  const labels = spec.template.metadata.labels ?? {};
  for (const [key, value] of Object.entries(expected)) {
    const detail = `must be '${value}'`;
    if (labels[key] === undefined) errors.push(required(TEMPLATE_LABELS.key(key), detail));
    else if (labels[key] !== value) errors.push(invalid(TEMPLATE_LABELS.key(key), sortKeys(labels), detail));
  }
  if (readSelector(spec.selector)?.matches(expected) === false) {
    errors.push(
      invalid(SPEC.child('selector'), shownSelector(spec.selector), '`selector` not auto-generated'),
    );
  }
  return errors;
}

/** In upstream's order. Errors about structs show their internal form. */
const IMMUTABLE: readonly (readonly [keyof JobSpec, form?: string])[] = [
  ['completionMode'],
  ['podFailurePolicy', 'batch.PodFailurePolicy'],
  ['backoffLimitPerIndex'],
  ['managedBy'],
  ['successPolicy', 'batch.SuccessPolicy'],
];

export function validateJobUpdate(gates: Gates, job: Job, old: Job): FieldError[] {
  return [
    ...validateJob(gates, job, old),
    ...validateCompletionsUpdate(job.spec, old.spec),
    ...validateImmutableField(job.spec.selector, old.spec.selector, SPEC.child('selector')),
    ...validateTemplateUpdate(gates, job.spec.template, old),
    ...IMMUTABLE.flatMap(([field, form]) => {
      const errors = validateImmutableField(job.spec[field], old.spec[field], SPEC.child(field));
      return form === undefined ? errors : shownAs(form, errors);
    }),
    ...validateJobSchedulingUpdate(job.spec, old.spec, SPEC.child('scheduling')),
  ];
}

function validateCompletionsUpdate(spec: JobSpec, old: JobSpec): FieldError[] {
  const path = SPEC.child('completions');
  if (spec.completionMode !== 'Indexed')
    return validateImmutableField(spec.completions, old.completions, path);
  const { completions, parallelism } = spec;
  if (completions === undefined || completions === old.completions || completions === parallelism) return [];
  return [invalid(path, completions, 'can only be modified in tandem with spec.parallelism')];
}

/** Whether no pod of the job has run since it was suspended. */
function isIdle({ spec, status }: Job): boolean {
  const suspended = (status.conditions ?? []).some(
    (condition) => condition.type === 'Suspended' && condition.status === 'True',
  );
  return Boolean(spec.suspend) && (!status.startTime || suspended) && (status.active ?? 0) === 0;
}

/** The template is immutable, except for scheduling and resources while nothing runs. */
function validateTemplateUpdate(
  { featureEnabled }: Gates,
  template: PodTemplateSpec,
  old: Job,
): FieldError[] {
  const path = SPEC.child('template');
  const suspended = Boolean(old.spec.suspend);
  const placeMayChange = featureEnabled('MutableSchedulingDirectivesForSuspendedJobs')
    ? isIdle(old)
    : suspended && !old.status.startTime;
  const stored = old.spec.template;
  const spec = placeMayChange ? withSchedulingOf(stored.spec, template.spec) : stored.spec;
  if (suspended && featureEnabled('MutablePodResourcesForSuspendedJobs') && isIdle(old)) {
    const expected = withResourcesOf(spec, template.spec);
    const errors = validateImmutableField(template.spec, expected, SPEC.child('template.spec'));
    return shownAs('core.PodSpec', errors);
  }
  const { labels, annotations } = placeMayChange ? template.metadata : stored.metadata;
  const expected = { ...stored, metadata: { ...stored.metadata, labels, annotations }, spec };
  return shownAs('core.PodTemplateSpec', validateImmutableField(template, expected, path));
}

function withSchedulingOf(old: PodSpec, { affinity, ...spec }: PodSpec): PodSpec {
  const { nodeAffinity: _, ...others } = old.affinity ?? {};
  const merged = { ...others, ...(affinity?.nodeAffinity && { nodeAffinity: affinity.nodeAffinity }) };
  const { nodeSelector, tolerations, schedulingGates } = spec;
  const result = { ...old, nodeSelector, tolerations, schedulingGates };
  if (affinity === undefined && Object.keys(merged).length === 0) delete result.affinity;
  else result.affinity = merged;
  return result;
}

function withResourcesOf(old: PodSpec, spec: PodSpec): PodSpec {
  const adopt = <T extends Container>(stored: T[] | null | undefined, given: T[] | null | undefined) =>
    stored?.length === given?.length
      ? stored?.map((container, index) => {
          const { name, resources } = given![index]!;
          return name === container.name ? { ...container, resources } : container;
        })
      : stored;
  return {
    ...old,
    containers: adopt(old.containers, spec.containers),
    initContainers: adopt(old.initContainers, spec.initContainers) ?? undefined,
  };
}
