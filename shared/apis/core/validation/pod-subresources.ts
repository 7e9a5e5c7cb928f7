/** Rules for the subresources ephemeralcontainers, resize, binding and log of pods. */

import { semanticDeepEqual } from '../../../meta/deep-equal.ts';
import {
  type FieldError,
  forbidden,
  invalid,
  notSupported,
  required,
  shownAs,
  withDifference,
} from '../../../meta/field-error.ts';
import { FieldPath } from '../../../meta/field-path.ts';
import { IS_NEGATIVE_ERROR } from '../../../meta/validation/format.ts';
import { isDNS1123Subdomain } from '../../../meta/validation/names.ts';
import { quote } from '../../../runtime/go-format.ts';
import { Quantity } from '../../../runtime/quantity.ts';
import { appendAll } from '../../../util/append-all.ts';
import { computePodQOS, podQOS } from '../pod-qos.ts';
import { isRestartableInitContainer } from '../pod-resources.ts';
import type {
  Binding,
  Container,
  Pod,
  PodLogOptions,
  PodSpec,
  ResourceRequirements,
  Volume,
} from '../v1/types.ts';
import { firstByName } from './first-by-name.ts';
import { invalidEach, WHOLE } from './helpers.ts';
import { MIRROR_POD, validatePodSpecificAnnotationUpdates } from './pod-annotations.ts';
import { uncoveredClaims } from './pod-claim-resources.ts';
import type { PodValidationOptions } from './pod-validation-options.ts';
import { validatePodMetadataAndSpec } from './pods.ts';

const METADATA = FieldPath.of('metadata');
const SPEC = FieldPath.of('spec');
const OF_INIT_CONTAINERS = 'InPlacePodVerticalScalingInitContainers';
const OF_VOLUMES = 'InPlacePodVerticalScalingMemoryBackedVolumes';
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
  const containers = firstByName(pod.spec.ephemeralContainers);
  for (const before of old.spec.ephemeralContainers ?? []) {
    const now = containers.get(before.name);
    const which = `existing ephemeral containers ${quote(before.name)}`;
    if (now === undefined) errors.push(forbidden(at, `${which} may not be removed\n`));
    else if (!semanticDeepEqual(before, now)) {
      const error = forbidden(at, `${which} may not be changed`);
      errors.push(withDifference(error, 'core.EphemeralContainer', [before, now]));
    }
  }
  return errors;
}

/** The reason why a pod can't be resized at all, if any. */
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
  what = 'resource',
): FieldError[] {
  return (['requests', 'limits'] as const).flatMap((field) => {
    const removed = Object.keys(before?.[field] ?? {}).some((name) => now?.[field]?.[name] === undefined);
    return removed ? [forbidden(path.child(field), `${what} ${field} cannot be removed`)] : [];
  });
}

type Holder = { readonly resources?: ResourceRequirements | undefined };

/** The container or pod with its old CPU and memory. */
function withOldCompute<T extends Holder>(holder: T, old: Holder): T {
  const masked = (field: 'requests' | 'limits'): Record<string, string> | undefined => {
    const { cpu: _, memory: __, ...others } = holder.resources?.[field] ?? {};
    const { cpu, memory } = old.resources?.[field] ?? {};
    const list = { ...others, ...(cpu !== undefined && { cpu }), ...(memory !== undefined && { memory }) };
    return Object.keys(list).length > 0 ? list : undefined;
  };
  const { claims } = holder.resources ?? {};
  return { ...holder, resources: { limits: masked('limits'), requests: masked('requests'), claims } };
}

const onlyComputeChanged = (holder: Holder, old: Holder): boolean =>
  semanticDeepEqual(withOldCompute(holder, old), withOldCompute(old, old));

const NO_POD_LEVEL =
  'resize of pods with pod-level resources is forbidden when InPlacePodLevelResourcesVerticalScalingEnabled feature gate is disabled';
const saysSome = ({ resources }: PodSpec): boolean =>
  Object.keys({ ...resources?.requests, ...resources?.limits }).length > 0;

/** Rules for pod-level resources. */
function validatePodLevelResize(pod: Pod, old: PodSpec, { allows }: PodValidationOptions): FieldError[] {
  const at = SPEC.child('resources');
  const { resources } = pod.spec;
  if (old.resources && !resources) return [forbidden(at, 'pod-level resources cannot be removed')];
  const errors = validateRemovedResources(resources, old.resources, at, 'pod-level resource');
  if (!onlyComputeChanged({ resources }, { resources: old.resources })) {
    errors.push(forbidden(SPEC, 'only cpu and memory resources are mutable at pod-level'));
  }
  const uncovered = allows('DRANodeAllocatableResources') ? uncoveredClaims(pod) : undefined;
  if (uncovered === undefined) return errors;
  return [...errors, ...shownAs('core.ResourceRequirements', [invalid(at, resources, uncovered)])];
}

const RESTARTS = 'non-sidecar init containers with a resize policy of RestartContainer cannot be resized';

function validateInitContainerResize(
  container: Container,
  before: Container,
  at: FieldPath,
  { allows }: PodValidationOptions,
): FieldError[] {
  const isSidecar = isRestartableInitContainer(container);
  const changed = !semanticDeepEqual(container, before);
  if (!isSidecar && !allows(OF_INIT_CONTAINERS)) {
    return changed ? [forbidden(SPEC, 'resources for non-sidecar init containers are immutable')] : [];
  }
  const errors = onlyComputeChanged(container, before)
    ? []
    : [forbidden(at, 'only cpu and memory resources for init or sidecar containers are mutable')];
  if (!changed || isSidecar) return errors;
  const restarts = (container.resizePolicy ?? []).filter((one) => one.restartPolicy === 'RestartContainer');
  return [...errors, ...restarts.map(() => forbidden(at, RESTARTS))];
}

/** Only CPU and memory of containers may change. */
function validateContainersResize(pod: Pod, old: Pod, options: PodValidationOptions): FieldError[] {
  const errors: FieldError[] = [];
  for (const field of ['initContainers', 'containers'] as const) {
    for (const [index, before] of (old.spec[field] ?? []).entries()) {
      if (field === 'initContainers' && !options.allows(OF_INIT_CONTAINERS)) {
        if (!isRestartableInitContainer(before)) continue;
      }
      const now = pod.spec[field]![index]!;
      const at = SPEC.child(field).index(index).child('resources');
      appendAll(errors, validateRemovedResources(now.resources, before.resources, at));
    }
  }
  for (const [index, container] of (pod.spec.containers ?? []).entries()) {
    if (onlyComputeChanged(container, old.spec.containers![index]!)) continue;
    errors.push(forbidden(SPEC, 'only cpu and memory resources are mutable'));
  }
  for (const [index, container] of (pod.spec.initContainers ?? []).entries()) {
    const at = SPEC.child('initContainers').index(index);
    const before = old.spec.initContainers![index]!;
    appendAll(errors, validateInitContainerResize(container, before, at, options));
  }
  return errors;
}

const isZero = (quantity: string | undefined): boolean => !quantity || Quantity.parse(quantity).isZero;
const isSame = (a: string | undefined, b: string | undefined): boolean =>
  Quantity.parse(a ?? '0').cmp(Quantity.parse(b ?? '0')) === 0;

/** The size limit of in-memory volumes may change. */
function validateVolumeResize(volume: Volume, old: Volume, at: FieldPath): FieldError[] {
  if (volume.name !== old.name) {
    return [forbidden(at.child('name'), 'volumes may not be renamed or reordered on resize')];
  }
  const [now, before] = [volume.emptyDir, old.emptyDir];
  const sizeLimit = before?.sizeLimit;
  const compared = now && before ? { ...volume, emptyDir: { ...now, sizeLimit } } : volume;
  if (!semanticDeepEqual(compared, old)) {
    return [forbidden(at, 'only sizeLimit of memory-backed emptyDir volumes is mutable on resize')];
  }
  if (!now || !before) return [];
  const limit = at.child('emptyDir', 'sizeLimit');
  if (isZero(now.sizeLimit) !== isZero(before.sizeLimit)) {
    return [forbidden(limit, 'adding or removing sizeLimit on an existing volume is not allowed')];
  }
  if (isSame(now.sizeLimit, before.sizeLimit) || now.medium === 'Memory') return [];
  return [forbidden(limit, 'sizeLimit is only mutable for memory-backed emptyDir volumes')];
}

function validateVolumesResize(
  { volumes = [] }: PodSpec,
  { volumes: old = [] }: PodSpec,
  { allows }: PodValidationOptions,
): FieldError[] {
  const at = SPEC.child('volumes');
  if (!allows(OF_VOLUMES)) {
    if (semanticDeepEqual(volumes, old)) return [];
    return [forbidden(at, `volumes are immutable on resize when ${OF_VOLUMES} feature gate is disabled`)];
  }
  if (volumes.length !== old.length) {
    return [forbidden(at, 'volumes may not be added or removed on resize')];
  }
  return volumes.flatMap((volume, index) => validateVolumeResize(volume, old[index]!, at.index(index)));
}

/** The spec without fields that a resize may change and that have already been validated. */
function fixedPart({ containers: _, initContainers: __, volumes: ___, ...spec }: PodSpec): object {
  return saysSome(spec) ? { ...spec, resources: undefined } : spec;
}

export function validatePodResize(pod: Pod, old: Pod, options: PodValidationOptions): FieldError[] {
  const refused = refusedResize(old);
  if (refused !== undefined) return [forbidden(WHOLE, refused)];
  const errors = validatePodMetadataAndSpec(pod, options);
  const gates = { featureEnabled: options.allows };
  if (podQOS(old, gates) !== computePodQOS(pod, gates)) {
    const detail = 'Pod QOS Class may not change as a result of resizing';
    errors.push(invalid(SPEC, pod.status?.qosClass ?? '', detail));
  }
  // Older nodes don't report the resources of containers.
  const running = old.status?.containerStatuses?.find(({ state }) => state?.running);
  if (running && !running.resources) {
    errors.push(forbidden(SPEC, 'Pod running on node without support for resize'));
  }
  if (saysSome(old.spec) || saysSome(pod.spec)) {
    if (!options.allows('InPlacePodLevelResourcesVerticalScaling')) {
      return [...errors, forbidden(WHOLE, NO_POD_LEVEL)];
    }
    appendAll(errors, validatePodLevelResize(pod, old.spec, options));
  }
  const order = validateContainerOrder(pod, old);
  if (order.length > 0) return [...errors, ...order];
  appendAll(
    errors,
    validateContainersResize(pod, old, options),
    validateVolumesResize(pod.spec, old.spec, options),
  );
  if (errors.length > 0 || semanticDeepEqual(fixedPart(pod.spec), fixedPart(old.spec))) return errors;
  return [forbidden(SPEC, 'only cpu and memory resources are mutable')];
}

export function validatePodBinding({ target }: Binding): FieldError[] {
  const errors: FieldError[] = [];
  if (target.kind && target.kind !== 'Node') {
    errors.push(notSupported('target.kind', target.kind, ['Node', '<empty>']));
  }
  if (!target.name) errors.push(required('target.name', ''));
  else if (errors.length === 0) {
    const at = FieldPath.of('target', 'name');
    appendAll(errors, invalidEach(at, target.name, isDNS1123Subdomain(target.name)));
  }
  return errors;
}

/** `streams` is whether the client may choose a stream. */
export function validatePodLogOptions(options: PodLogOptions, streams: boolean): FieldError[] {
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
  if (!streams) {
    return stream === undefined ? errors : [...errors, forbidden('stream', 'may not be specified')];
  }
  if (stream === undefined) return [...errors, required('stream', 'must be specified')];
  if (!LOG_STREAMS.includes(stream)) errors.push(notSupported('stream', stream, LOG_STREAMS));
  if (stream !== 'All' && tailLines !== undefined) {
    errors.push(forbidden(WHOLE, '`tailLines` and specific `stream` are mutually exclusive for now'));
  }
  return errors;
}
