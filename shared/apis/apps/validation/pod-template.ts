import { type FieldError, forbidden, invalid, notSupported } from '../../../meta/field-error.ts';
import type { FieldPath } from '../../../meta/field-path.ts';
import type { Selector } from '../../../meta/labels.ts';
import { sortKeys } from '../../../util/sort-keys.ts';
import type { PodTemplateSpec } from '../../core/v1/types.ts';
import { validatePodTemplateSpec } from '../../core/validation/pod-template.ts';
import type { PodValidationOptions } from '../../core/validation/pod-validation-options.ts';

/** The selector must match the labels of the template. */
export function validateTemplateLabels(
  { metadata }: PodTemplateSpec,
  selector: Selector,
  path: FieldPath,
): FieldError[] {
  if (selector.empty() || selector.matches(metadata.labels ?? {})) return [];
  const labels = path.child('metadata', 'labels');
  return [invalid(labels, sortKeys(metadata.labels), '`selector` does not match template `labels`')];
}

/** Pods of these workloads must restart always. `kind` is the term in upstream's message. */
export function validateAlwaysRunning(
  { spec }: PodTemplateSpec,
  path: FieldPath,
  kind: string,
): FieldError[] {
  const { restartPolicy = '', activeDeadlineSeconds } = spec;
  const errors: FieldError[] = [];
  if (restartPolicy !== 'Always') {
    errors.push(notSupported(path.child('spec', 'restartPolicy'), restartPolicy, ['Always']));
  }
  if (activeDeadlineSeconds !== undefined) {
    const detail = `activeDeadlineSeconds in ${kind} is not Supported`;
    errors.push(forbidden(path.child('spec', 'activeDeadlineSeconds'), detail));
  }
  return errors;
}

/** For ReplicaSets and Deployments. */
export function validatePodTemplateSpecForReplicaSet(
  template: PodTemplateSpec,
  selector: Selector,
  path: FieldPath,
  options: PodValidationOptions,
): FieldError[] {
  return [
    ...validateTemplateLabels(template, selector, path),
    ...validatePodTemplateSpec(template, path, options),
    ...validateAlwaysRunning(template, path, 'ReplicaSet'),
  ];
}
