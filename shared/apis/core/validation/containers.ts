/** Rules for the containers of a pod. */

import {
  duplicate,
  type FieldError,
  forbidden,
  invalid,
  notFound,
  notSupported,
  required,
} from '../../../meta/field-error.ts';
import type { FieldPath } from '../../../meta/field-path.ts';
import { isValidPortName, isValidPortNum } from '../../../meta/validation/values.ts';
import { appendAll } from '../../../util/append-all.ts';
import type {
  Container,
  ContainerPort,
  ContainerResizePolicy,
  EphemeralContainer,
  PodSpec,
  VolumeSource,
} from '../v1/types.ts';
import { validateEnv, validateEnvFrom } from './env.ts';
import { type HandlerContext, validateHandlers } from './handlers.ts';
import { invalidEach, validateDNS1123Label } from './helpers.ts';
import { validateVolumeDevices, validateVolumeMounts } from './mounts.ts';
import type { PodValidationOptions } from './pod-validation-options.ts';
import { validatePullPolicy } from './pull-policy.ts';
import { validateContainerResourceRequirements } from './resource-requirements.ts';
import { validateContainerRestartPolicy, validateInitContainerRestartPolicy } from './restart-policy.ts';
import { validateSecurityContext } from './security-context.ts';

const PROTOCOLS = ['SCTP', 'TCP', 'UDP'];
const TERMINATION_MESSAGE_POLICIES = ['File', 'FallbackToLogsOnError'];
const RESIZE_RESOURCES = ['cpu', 'memory'];
const RESIZE_POLICIES = ['NotRequired', 'RestartContainer'];

/** The context in which a container is validated. */
export interface ContainerContext extends HandlerContext {
  readonly spec: PodSpec;
  readonly volumes: ReadonlyMap<string, VolumeSource>;
  readonly podClaimNames: ReadonlySet<string>;
  readonly options: PodValidationOptions;
}

function validatePortName(name: string, path: FieldPath, names: Set<string>): FieldError[] {
  const messages = isValidPortName(name);
  if (messages.length > 0) return invalidEach(path, name, messages);
  if (names.has(name)) return [duplicate(path, name)];
  names.add(name);
  return [];
}

function validatePorts(ports: readonly ContainerPort[] | undefined, path: FieldPath): FieldError[] {
  const names = new Set<string>();
  return (ports ?? []).flatMap(({ name, containerPort, hostPort, protocol }, index) => {
    const at = path.index(index);
    const errors = name ? validatePortName(name, at.child('name'), names) : [];
    if (!containerPort) errors.push(required(at.child('containerPort'), ''));
    else
      appendAll(errors, invalidEach(at.child('containerPort'), containerPort, isValidPortNum(containerPort)));
    if (hostPort) appendAll(errors, invalidEach(at.child('hostPort'), hostPort, isValidPortNum(hostPort)));
    if (!protocol) errors.push(required(at.child('protocol'), ''));
    else if (!PROTOCOLS.includes(protocol)) {
      errors.push(notSupported(at.child('protocol'), protocol, PROTOCOLS));
    }
    return errors;
  });
}

/** Host ports must be unique. */
function validateHostPortConflicts(containers: readonly Container[], path: FieldPath): FieldError[] {
  const taken = new Set<string>();
  return containers.flatMap(({ ports }, containerIndex) =>
    (ports ?? []).flatMap(({ protocol = '', hostIP = '', hostPort }, index) => {
      if (!hostPort) return [];
      const key = `${protocol}/${hostIP}/${hostPort}`;
      if (!taken.has(key)) {
        taken.add(key);
        return [];
      }
      const at = path.index(containerIndex).child('ports').index(index).child('hostPort');
      return [duplicate(at, key)];
    }),
  );
}

function validateResizePolicy(
  policies: readonly ContainerResizePolicy[] | undefined,
  path: FieldPath,
  podRestartPolicy: string | undefined,
): FieldError[] {
  const seen = new Set<string>();
  return (policies ?? []).flatMap(({ resourceName, restartPolicy }, index) => {
    const errors = seen.has(resourceName) ? [duplicate(path.index(index), resourceName)] : [];
    seen.add(resourceName);
    for (const [value, supported] of [
      [resourceName, RESIZE_RESOURCES],
      [restartPolicy, RESIZE_POLICIES],
    ] as const) {
      if (!value) errors.push(required(path, ''));
      else if (!supported.includes(value)) errors.push(notSupported(path, value, supported));
    }
    if (podRestartPolicy === 'Never' && restartPolicy !== 'NotRequired') {
      const detail = "must be 'NotRequired' when pod `restartPolicy` is 'Never'";
      errors.push(invalid(path, restartPolicy, detail));
    }
    return errors;
  });
}

/** Rules for all kinds of containers. */
function validateContainerCommon(
  container: Container | EphemeralContainer,
  path: FieldPath,
  context: ContainerContext,
): FieldError[] {
  const { name, image, terminationMessagePolicy: policy } = container;
  const { spec, volumes, podClaimNames, options } = context;
  const errors = name ? validateDNS1123Label(name, path.child('name')) : [required(path.child('name'), '')];
  if (!image) errors.push(required(path.child('image'), ''));
  const at = path.child('terminationMessagePolicy');
  if (!policy) errors.push(required(at, ''));
  else if (!TERMINATION_MESSAGE_POLICIES.includes(policy)) {
    errors.push(notSupported(at, policy, TERMINATION_MESSAGE_POLICIES));
  }
  const resources = path.child('resources');
  return [
    ...errors,
    ...validatePorts(container.ports, path.child('ports')),
    ...validateEnv(container.env, path.child('env'), options),
    ...validateEnvFrom(container.envFrom, path.child('envFrom'), options),
    ...validateVolumeMounts(container, volumes, path.child('volumeMounts')),
    ...validateVolumeDevices(container, volumes, path.child('volumeDevices')),
    ...validatePullPolicy(container.imagePullPolicy, path.child('imagePullPolicy')),
    ...validateContainerResourceRequirements(container.resources, podClaimNames, resources, options),
    ...validateResizePolicy(container.resizePolicy, path.child('resizePolicy'), spec.restartPolicy),
    ...validateSecurityContext(
      container.securityContext,
      path.child('securityContext'),
      spec.hostUsers !== false,
    ),
  ];
}

export function validateContainers(path: FieldPath, context: ContainerContext): FieldError[] {
  const containers = context.spec.containers ?? [];
  if (containers.length === 0) return [required(path, '')];
  const names = new Set<string>();
  const errors = containers.flatMap((container, index) => {
    const at = path.index(index);
    const own = validateContainerCommon(container, at, context);
    if (names.has(container.name)) own.push(duplicate(at.child('name'), container.name));
    names.add(container.name);
    return [
      ...own,
      ...validateHandlers(container, at, context),
      ...validateContainerRestartPolicy(container, at, context.options),
    ];
  });
  return [...errors, ...validateHostPortConflicts(containers, path)];
}

const NOT_FOR_INIT_CONTAINERS = ['lifecycle', 'livenessProbe', 'readinessProbe', 'startupProbe'] as const;

export function validateInitContainers(path: FieldPath, context: ContainerContext): FieldError[] {
  const { containers, initContainers } = context.spec;
  const names = new Set((containers ?? []).map(({ name }) => name));
  return (initContainers ?? []).flatMap((container, index) => {
    const at = path.index(index);
    const errors = [
      ...validateContainerCommon(container, at, context),
      ...validateInitContainerRestartPolicy(container, at, context.options),
    ];
    if (names.has(container.name)) errors.push(duplicate(at.child('name'), container.name));
    else if (container.name) names.add(container.name);
    // Init containers run one at a time; each is validated as a list of its own, with index 0.
    appendAll(errors, validateHostPortConflicts([container], path));
    if (container.restartPolicy === 'Always') {
      appendAll(errors, validateHandlers(container, at, context));
      return [...errors, ...validateInitResizePolicy(container, at, context)];
    }
    for (const field of NOT_FOR_INIT_CONTAINERS) {
      if (!container[field]) continue;
      const detail = 'may not be set for init containers without restartPolicy=Always';
      errors.push(forbidden(at.child(field), detail));
    }
    return [...errors, ...validateInitResizePolicy(container, at, context)];
  });
}

/** An init container that runs once can't be restarted for a resize. */
function validateInitResizePolicy(
  { restartPolicy, resizePolicy }: Container,
  path: FieldPath,
  { options }: ContainerContext,
): FieldError[] {
  const at = path.child('resizePolicy');
  const errors =
    resizePolicy?.length && !options.allows('InPlacePodVerticalScaling')
      ? [invalid(at, shownResizePolicies(resizePolicy), 'must not be set for init containers')]
      : [];
  if (restartPolicy === 'Always' || options.allowsResizeRestartsOfInitContainers) return errors;
  for (const [index, policy] of (resizePolicy ?? []).entries()) {
    if (policy.restartPolicy !== 'RestartContainer') continue;
    const detail = "must not be set to 'RestartContainer' for non-sidecar initContainers";
    errors.push(invalid(at.index(index).child('restartPolicy'), policy.restartPolicy, detail));
  }
  return errors;
}

/** Upstream's internal type, which has no JSON names. */
const shownResizePolicies = (policies: readonly ContainerResizePolicy[]) =>
  policies.map(({ resourceName, restartPolicy }) => ({
    ResourceName: resourceName,
    RestartPolicy: restartPolicy,
  }));

/** In the order in which Go declares them. */
const NOT_FOR_EPHEMERAL_CONTAINERS = [
  'ports',
  'resources',
  'resizePolicy',
  'restartPolicy',
  'restartPolicyRules',
  'livenessProbe',
  'readinessProbe',
  'startupProbe',
  'lifecycle',
] as const;
const NOT_FOR_EPHEMERAL = 'cannot be set for an Ephemeral Container';

/** Whether Go's value isn't zero: `resources` isn't a pointer. */
function isSet(value: unknown, field: (typeof NOT_FOR_EPHEMERAL_CONTAINERS)[number]): boolean {
  // Pointers to empty or false values count as set.
  if (typeof value !== 'object' || value === null) return value !== undefined && value !== null;
  return field !== 'resources' || Object.keys(value).length > 0;
}

export function validateEphemeralContainers(path: FieldPath, context: ContainerContext): FieldError[] {
  const { containers, initContainers, ephemeralContainers } = context.spec;
  const others = new Set([...(containers ?? []), ...(initContainers ?? [])].map(({ name }) => name));
  const names = new Set(others);
  return (ephemeralContainers ?? []).flatMap((container, index) => {
    const at = path.index(index);
    const { name, targetContainerName } = container;
    const errors = [
      ...validateContainerCommon(container, at, context),
      ...validateContainerOnlyForPod(container, at),
    ];
    if (names.has(name)) errors.push(duplicate(at.child('name'), name));
    names.add(name);
    if (targetContainerName && !others.has(targetContainerName)) {
      errors.push(notFound(at.child('targetContainerName'), targetContainerName));
    }
    for (const field of NOT_FOR_EPHEMERAL_CONTAINERS) {
      if (isSet(container[field], field)) errors.push(forbidden(at.child(field), NOT_FOR_EPHEMERAL));
    }
    for (const [number, mount] of (container.volumeMounts ?? []).entries()) {
      for (const field of ['subPath', 'subPathExpr'] as const) {
        if (!mount[field]) continue;
        errors.push(forbidden(at.child('volumeMounts').index(number).child(field), NOT_FOR_EPHEMERAL));
      }
    }
    return errors;
  });
}

/** Rules for pods that don't apply to templates, for the sake of stored ones. */
export function validateContainerOnlyForPod(
  { image = '' }: Container | EphemeralContainer,
  path: FieldPath,
): FieldError[] {
  if (image.trim() === image) return [];
  return [invalid(path.child('image'), image, 'must not have leading or trailing whitespace')];
}
