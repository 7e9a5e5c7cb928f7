/** Rules for changing pods through ephemeralcontainers, resize, binding and log. */

import { semanticDeepEqual } from '../../../meta/deep-equal.ts';
import {
  type FieldError,
  forbidden,
  invalid,
  notSupported,
  required,
  withDifference,
} from '../../../meta/field-error.ts';
import { FieldPath } from '../../../meta/field-path.ts';
import { IS_NEGATIVE_ERROR } from '../../../meta/validation/format.ts';
import { quote } from '../../../runtime/go-format.ts';
import { appendAll } from '../../../util/append-all.ts';
import { computePodQOS, podQOS } from '../pod-qos.ts';
import { isRestartableInitContainer } from '../pod-resources.ts';
import type { Binding, Pod, PodLogOptions, ResourceRequirements } from '../v1/types.ts';
import { WHOLE } from './helpers.ts';
import { MIRROR_POD, validatePodSpecificAnnotationUpdates } from './pod-annotations.ts';
import type { PodValidationOptions } from './pod-validation-options.ts';
import { validatePodMetadataAndSpec } from './pods.ts';

const METADATA = FieldPath.of('metadata');
const SPEC = FieldPath.of('spec');
const LOG_STREAMS = ['All', 'Stderr', 'Stdout'];

export function validatePodEphemeralContainersUpdate(
  pod: Pod,
  old: Pod,
  options: PodValidationOptions,
): FieldError[] {
  if (old.metadata.annotations?.[MIRROR_POD] !== undefined) {
    return [forbidden(WHOLE, 'static pods do not support ephemeral containers')];
  }
  const errors = [
    ...validatePodMetadataAndSpec(pod, options),
    ...validatePodSpecificAnnotationUpdates(pod, old, METADATA.child('annotations'), options),
  ];
  const at = SPEC.child('ephemeralContainers');
  for (const before of old.spec.ephemeralContainers ?? []) {
    const now = pod.spec.ephemeralContainers?.find(({ name }) => name === before.name);
    const which = `existing ephemeral containers ${quote(before.name)}`;
    if (now === undefined) errors.push(forbidden(at, `${which} may not be removed\n`));
    else if (!semanticDeepEqual(before, now)) {
      const error = forbidden(at, `${which} may not be changed`);
      errors.push(withDifference(error, 'core.EphemeralContainer', [before, now]));
    }
  }
  return errors;
}

/** A reason for which a pod can't be resized at all. */
function refusedResize(old: Pod): string | undefined {
  if (old.metadata.annotations?.[MIRROR_POD] !== undefined) return 'static pods cannot be resized';
  return old.spec.os?.name === 'windows' ? 'windows pods cannot be resized' : undefined;
}

function validateContainerOrder(pod: Pod, old: Pod): FieldError[] {
  return (['containers', 'initContainers'] as const).flatMap((field) => {
    const now = pod.spec[field] ?? [];
    const before = old.spec[field] ?? [];
    if (now.length !== before.length) {
      return [forbidden(SPEC.child(field), `${field} may not be added or removed on resize`)];
    }
    return before.flatMap(({ name }, index) => {
      if (now[index]!.name === name) return [];
      const detail = `${field} may not be renamed or reordered on resize`;
      return [forbidden(SPEC.child(field).index(index).child('name'), detail)];
    });
  });
}

function validateRemovedResources(
  now: ResourceRequirements | undefined,
  before: ResourceRequirements | undefined,
  path: FieldPath,
): FieldError[] {
  return (['requests', 'limits'] as const).flatMap((field) => {
    const removed = Object.keys(before?.[field] ?? {}).some((name) => now?.[field]?.[name] === undefined);
    return removed ? [forbidden(path.child(field), `resource ${field} cannot be removed`)] : [];
  });
}

/** The container, or pod, with CPU and memory as they were. */
function withOldCompute<T extends { readonly resources?: ResourceRequirements | undefined }>(
  holder: T,
  old: T,
): T {
  const list = (field: 'requests' | 'limits'): Record<string, string> | undefined => {
    const before = old.resources?.[field];
    if (before === undefined) return undefined;
    const { cpu: _, memory: __, ...others } = holder.resources?.[field] ?? {};
    const { cpu, memory } = before;
    return { ...others, ...(cpu !== undefined && { cpu }), ...(memory !== undefined && { memory }) };
  };
  return { ...holder, resources: { limits: list('limits'), requests: list('requests') } };
}

/** Only CPU and memory of what runs may change. */
function validateOnlyComputeChanged(pod: Pod, old: Pod): FieldError[] {
  const errors: FieldError[] = [];
  for (const [index, container] of (pod.spec.containers ?? []).entries()) {
    const before = old.spec.containers![index]!;
    if (semanticDeepEqual(withOldCompute(container, before), withOldCompute(before, before))) continue;
    errors.push(forbidden(SPEC, 'only cpu and memory resources are mutable'));
  }
  for (const [index, container] of (pod.spec.initContainers ?? []).entries()) {
    const before = old.spec.initContainers![index]!;
    if (!isRestartableInitContainer(container)) {
      if (semanticDeepEqual(container, before)) continue;
      errors.push(forbidden(SPEC, 'resources for non-sidecar init containers are immutable'));
    } else if (!semanticDeepEqual(withOldCompute(container, before), withOldCompute(before, before))) {
      const detail = 'only cpu and memory resources for sidecar containers are mutable';
      errors.push(forbidden(SPEC, detail));
    }
  }
  if (errors.length > 0) return errors;
  const { containers: _, initContainers: __, ...others } = pod.spec;
  const { containers: ___, initContainers: ____, ...oldOthers } = old.spec;
  const same =
    Boolean(others.resources) === Boolean(oldOthers.resources) &&
    semanticDeepEqual(withOldCompute(others, oldOthers), withOldCompute(oldOthers, oldOthers));
  return same ? [] : [forbidden(SPEC, 'only cpu and memory resources are mutable')];
}

export function validatePodResize(pod: Pod, old: Pod, options: PodValidationOptions): FieldError[] {
  const refused = refusedResize(old);
  if (refused !== undefined) return [forbidden(WHOLE, refused)];
  const errors = validatePodMetadataAndSpec(pod, options);
  if (podQOS(old) !== computePodQOS(pod)) {
    const detail = 'Pod QOS Class may not change as a result of resizing';
    errors.push(invalid(SPEC, pod.status?.qosClass ?? '', detail));
  }
  // Nodes of an older time don't tell what containers use.
  const running = old.status?.containerStatuses?.find(({ state }) => state?.running);
  if (running && !running.resources) {
    errors.push(forbidden(SPEC, 'Pod running on node without support for resize'));
  }
  const order = validateContainerOrder(pod, old);
  if (order.length > 0) return [...errors, ...order];
  appendAll(
    errors,
    validateRemovedResources(pod.spec.resources, old.spec.resources, SPEC.child('resources')),
  );
  for (const field of ['initContainers', 'containers'] as const) {
    for (const [index, before] of (old.spec[field] ?? []).entries()) {
      if (field === 'initContainers' && !isRestartableInitContainer(before)) continue;
      const now = pod.spec[field]![index]!;
      const at = SPEC.child(field).index(index).child('resources');
      appendAll(errors, validateRemovedResources(now.resources, before.resources, at));
    }
  }
  return [...errors, ...validateOnlyComputeChanged(pod, old)];
}

export function validatePodBinding({ target }: Binding): FieldError[] {
  const errors: FieldError[] = [];
  if (target.kind && target.kind !== 'Node') {
    errors.push(notSupported('target.kind', target.kind, ['Node', '<empty>']));
  }
  if (!target.name) errors.push(required('target.name', ''));
  return errors;
}

export function validatePodLogOptions(options: PodLogOptions): FieldError[] {
  const { tailLines, limitBytes, sinceSeconds, sinceTime, stream } = options;
  const errors: FieldError[] = [];
  if (tailLines !== undefined && tailLines < 0)
    errors.push(invalid('tailLines', tailLines, IS_NEGATIVE_ERROR));
  if (limitBytes !== undefined && limitBytes < 1) {
    errors.push(invalid('limitBytes', limitBytes, 'must be greater than 0'));
  }
  if (sinceSeconds !== undefined && sinceTime !== undefined) {
    errors.push(forbidden(WHOLE, 'at most one of `sinceTime` or `sinceSeconds` may be specified'));
  } else if (sinceSeconds !== undefined && sinceSeconds < 1) {
    errors.push(invalid('sinceSeconds', sinceSeconds, 'must be greater than 0'));
  }
  if (stream === undefined) return [...errors, required('stream', 'must be specified')];
  if (!LOG_STREAMS.includes(stream)) errors.push(notSupported('stream', stream, LOG_STREAMS));
  if (stream !== 'All' && tailLines !== undefined) {
    errors.push(forbidden(WHOLE, '`tailLines` and specific `stream` are mutually exclusive for now'));
  }
  return errors;
}
