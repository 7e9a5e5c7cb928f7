/** Rules for pod templates, alone and in workloads. */

import { type FieldError, forbidden, invalid, notSupported, required } from '../../../meta/field-error.ts';
import { FieldPath } from '../../../meta/field-path.ts';
import { selectorFromSet } from '../../../meta/labels.ts';
import { validateAnnotations, validateLabels } from '../../../meta/validation/object-meta.ts';
import { appendAll } from '../../../util/append-all.ts';
import type { PodTemplate, PodTemplateSpec } from '../v1/types.ts';
import { validatePodSpecificAnnotations } from './pod-annotations.ts';
import { validatePodSpec } from './pod-spec.ts';
import type { PodValidationOptions } from './pod-validation-options.ts';
import {
  validateAppArmorAnnotationsAndFields,
  validateSeccompAnnotationsAndFields,
} from './security-profiles.ts';

export function validatePodTemplateSpec(
  { metadata = {}, spec }: PodTemplateSpec,
  path: FieldPath,
  options: PodValidationOptions,
): FieldError[] {
  const annotations = path.child('annotations');
  const specPath = path.child('spec');
  const errors = [
    ...validateLabels(metadata.labels, path.child('labels')),
    ...validateAnnotations(metadata.annotations, annotations),
    ...validatePodSpecificAnnotations(metadata.annotations, spec, annotations, options),
    ...validatePodSpec(spec, undefined, specPath, options),
    ...validateSeccompAnnotationsAndFields(metadata, spec, specPath),
    ...validateAppArmorAnnotationsAndFields(metadata, spec, specPath),
  ];
  if (spec.ephemeralContainers?.length) {
    const detail = 'ephemeral containers not allowed in pod template';
    errors.push(forbidden(specPath.child('ephemeralContainers'), detail));
  }
  return errors;
}

/** For workloads that keep pods running: the selector must match the template, and pods must restart. */
export function validatePodTemplateSpecForRC(
  template: PodTemplateSpec | undefined,
  selector: Readonly<Record<string, string>> | undefined,
  path: FieldPath,
  options: PodValidationOptions,
): FieldError[] {
  if (!template) return [required(path, '')];
  const labels = template.metadata?.labels;
  const errors: FieldError[] = [];
  if (!selectorFromSet(selector).matches(labels ?? {})) {
    const detail = '`selector` does not match template `labels`';
    errors.push(invalid(path.child('metadata', 'labels'), labels ?? null, detail));
  }
  appendAll(errors, validatePodTemplateSpec(template, path, options));
  const { restartPolicy, activeDeadlineSeconds } = template.spec;
  if (restartPolicy !== 'Always') {
    errors.push(notSupported(path.child('spec', 'restartPolicy'), restartPolicy ?? '', ['Always']));
  }
  if (activeDeadlineSeconds !== undefined) {
    const detail = 'activeDeadlineSeconds in ReplicationController is not Supported';
    errors.push(forbidden(path.child('spec', 'activeDeadlineSeconds'), detail));
  }
  return errors;
}

/** Also used for updates, which may replace the template. */
export function validatePodTemplate(template: PodTemplate, options: PodValidationOptions): FieldError[] {
  return validatePodTemplateSpec(template.template, FieldPath.of('template'), options);
}
