/** Rules for the status of pods. */

import { type FieldError, forbidden, internalFieldError, invalid } from '../../../meta/field-error.ts';
import { FieldPath } from '../../../meta/field-path.ts';
import { validateImmutableField } from '../../../meta/validation/immutable.ts';
import { isValidIPForLegacyField } from '../../../meta/validation/ip.ts';
import { isDNS1123Subdomain } from '../../../meta/validation/names.ts';
import { appendAll } from '../../../util/append-all.ts';
import { isDualStack, parseIP } from '../../../util/ip.ts';
import { isRestartableInitContainer } from '../pod-resources.ts';
import type { Container, ContainerStatus, Pod, PodSpec, PodStatus } from '../v1/types.ts';
import { validateAllocatedResources, validateImageVolumes, validateUsers } from './container-statuses.ts';
import { firstByName } from './first-by-name.ts';
import { invalidEach, validateQualifiedName } from './helpers.ts';
import { validatePodSpecificAnnotationUpdates } from './pod-annotations.ts';
import {
  validateClaimStatuses,
  validateExtendedClaim,
  validateNodeAllocatable,
} from './pod-claim-statuses.ts';
import type { PodValidationOptions } from './pod-validation-options.ts';
import { validatePodVolumeHealth } from './volume-health.ts';

const STATUS = FieldPath.of('status');
const CONTAINER_STATUSES = [
  'containerStatuses',
  'initContainerStatuses',
  'ephemeralContainerStatuses',
] as const;
const SYSTEM_CONDITIONS = ['PodScheduled', 'Ready', 'Initialized'];
const ALL = 'RestartAllContainersOnContainerExits';
const NOT_BACK = 'may not be transitioned to non-terminated state';

/** Whether a terminated container restarts, by its own rules or its pod's. */
function shouldRestart(
  { restartPolicy: own, restartPolicyRules: rules = [] }: Container,
  { restartPolicy }: PodSpec,
  exitCode: number,
  options: PodValidationOptions,
): boolean {
  if (own !== undefined) {
    const rule = rules.find(({ exitCodes }) => {
      const listed = exitCodes?.values?.includes(exitCode) ?? false;
      return exitCodes?.operator === 'In' ? listed : exitCodes?.operator === 'NotIn' && !listed;
    });
    if (rule?.action === 'Restart') return true;
    if (rule?.action === 'RestartAllContainers' && options.allows(ALL)) return true;
  }
  const policy = own ?? restartPolicy;
  return policy === 'Never' ? false : policy === 'OnFailure' ? exitCode !== 0 : true;
}

/** Containers that terminated for good can't become running. */
function validateTransitions(
  now: readonly ContainerStatus[] | undefined,
  before: readonly ContainerStatus[] | undefined,
  path: FieldPath,
  mayRestart: (name: string, exitCode: number) => boolean,
): FieldError[] {
  const running = firstByName(now?.filter((status) => !status.state?.terminated));
  return (before ?? []).flatMap(({ name, state }, index) => {
    if (!state?.terminated) return [];
    const current = running.get(name);
    if (current === undefined || mayRestart(name, state.terminated.exitCode)) return [];
    return [forbidden(path.index(index).child('state'), NOT_BACK)];
  });
}

const restartsAll = (containers: readonly Container[] | null | undefined): boolean =>
  (containers ?? []).some(({ restartPolicyRules }) =>
    (restartPolicyRules ?? []).some(({ action }) => action === 'RestartAllContainers'),
  );

function validateAllTransitions(
  now: PodStatus,
  before: PodStatus,
  spec: PodSpec,
  options: PodValidationOptions,
): FieldError[] {
  const all = options.allows(ALL) && (restartsAll(spec.containers) || restartsAll(spec.initContainers));
  const byRules = (containers: readonly Container[] | null | undefined) => {
    const named = firstByName(containers);
    return (name: string, exitCode: number): boolean => {
      const container = named.get(name);
      return container !== undefined && shouldRestart(container, spec, exitCode, options);
    };
  };
  const initContainers = firstByName(spec.initContainers);
  const byPod = (exitCode: number): boolean =>
    spec.restartPolicy === 'Always' || (spec.restartPolicy === 'OnFailure' && exitCode !== 0);
  const byPodOrSidecar = (name: string, exitCode: number): boolean => {
    const container = initContainers.get(name);
    return byPod(exitCode) || (container !== undefined && isRestartableInitContainer(container));
  };
  const hasRules = options.allows('ContainerRestartRules');
  return [
    ...validateTransitions(
      now.containerStatuses,
      before.containerStatuses,
      STATUS.child('containerStatuses'),
      all ? () => true : hasRules ? byRules(spec.containers) : (_name, exitCode) => byPod(exitCode),
    ),
    ...validateTransitions(
      now.initContainerStatuses,
      before.initContainerStatuses,
      STATUS.child('initContainerStatuses'),
      all ? () => true : hasRules ? byRules(spec.initContainers) : byPodOrSidecar,
    ),
    ...validateTransitions(
      now.ephemeralContainerStatuses,
      before.ephemeralContainerStatuses,
      STATUS.child('ephemeralContainerStatuses'),
      () => false,
    ),
  ];
}

function validateConditions({ conditions }: PodStatus): FieldError[] {
  return (conditions ?? []).flatMap(({ type, observedGeneration = 0 }, index) => {
    const at = STATUS.child('conditions').index(index);
    const errors =
      observedGeneration < 0
        ? [invalid(at.child('observedGeneration'), observedGeneration, 'must be a non-negative integer')]
        : [];
    if (SYSTEM_CONDITIONS.includes(type)) return errors;
    return [...errors, ...validateQualifiedName(type, at.child('Type'))];
  });
}

function validateIPs(
  ips: readonly { readonly ip: string }[] | undefined,
  old: readonly { readonly ip: string }[] | undefined,
  path: FieldPath,
): FieldError[] {
  const list = ips ?? [];
  const before = new Set((old ?? []).map(({ ip }) => ip));
  const errors = list.flatMap(({ ip }, index) => isValidIPForLegacyField(path.index(index), ip, before));
  if (list.length < 2) return errors;
  const unread = list.findIndex(({ ip }) => parseIP(ip) === undefined);
  if (unread >= 0) {
    const why = `invalid IP[${unread}]: ${list[unread]!.ip}`;
    errors.push(internalFieldError(path, `failed to check for dual stack with error:${why}`));
  }
  if (!isDualStack(list.map(({ ip }) => ip))) {
    errors.push(invalid(path, shownIPs(list), 'may specify no more than one IP for each IP family'));
  }
  return errors;
}

/** Upstream's internal type, which has no JSON names. */
const shownIPs = (ips: readonly { readonly ip: string }[]): object => ips.map(({ ip }) => ({ IP: ip }));

/** The single address must be the first of the list. */
function validateFirstPodIP(status: PodStatus): FieldError[] {
  const podIP = status.podIP ?? '';
  const podIPs = status.podIPs ?? [];
  const path = STATUS.child('podIPs');
  if ((podIP === '') !== (podIPs.length === 0)) {
    return [invalid(path, shownIPs(podIPs), 'podIP and podIPs must either both be set or both be unset')];
  }
  const first = podIPs[0]?.ip;
  if (first === undefined || first === podIP) return [];
  return [invalid(path.index(0).child('ip'), first, 'must be equal to `podIP`')];
}

function validateNominatedNode(
  now: PodStatus,
  before: PodStatus,
  { nodeName }: PodSpec,
  { allows }: PodValidationOptions,
): FieldError[] {
  const { nominatedNodeName: name } = now;
  if (!name || name === before.nominatedNodeName) return [];
  const at = STATUS.child('nominatedNodeName');
  const errors = invalidEach(at, name, isDNS1123Subdomain(name));
  if (!nodeName || !allows('ClearingNominatedNodeNameAfterBinding')) return errors;
  return [...errors, forbidden(at, 'may not be set on pods that are already bound to a node')];
}

export function validatePodStatusUpdate(pod: Pod, old: Pod, options: PodValidationOptions): FieldError[] {
  const { spec, status = {} } = pod;
  const before = old.status ?? {};
  const os = spec.os?.name ?? 'linux';
  const errors = [
    ...validatePodSpecificAnnotationUpdates(pod, old, FieldPath.of('metadata', 'annotations'), options),
    ...validateConditions(status),
  ];
  if (spec.nodeName !== old.spec.nodeName) {
    errors.push(forbidden(STATUS.child('nodeName'), 'may not be changed directly'));
  }
  appendAll(errors, validateNominatedNode(status, before, old.spec, options));
  if ((status.observedGeneration ?? 0) < 0) {
    const detail = 'must be a non-negative integer';
    errors.push(invalid(STATUS.child('observedGeneration'), status.observedGeneration, detail));
  }
  appendAll(
    errors,
    validateImmutableField(status.qosClass, before.qosClass, STATUS.child('qosClass')),
    validateAllTransitions(status, before, old.spec, options),
    validateClaimStatuses(pod),
    validateExtendedClaim(status.extendedResourceClaimStatus, spec),
    validateNodeAllocatable(pod),
    validatePodVolumeHealth(status.volumeHealth, spec, STATUS.child('volumeHealth')),
    validateIPs(status.podIPs, before.podIPs, STATUS.child('podIPs')),
    validateFirstPodIP(status),
  );
  const firstHostIP = status.hostIPs?.[0]?.ip;
  if (firstHostIP !== undefined && firstHostIP !== (status.hostIP ?? '')) {
    const at = STATUS.child('hostIPs').index(0).child('ip');
    errors.push(invalid(at, firstHostIP, 'must be equal to `hostIP`'));
  }
  appendAll(errors, validateIPs(status.hostIPs, before.hostIPs, STATUS.child('hostIPs')));
  for (const field of CONTAINER_STATUSES) {
    appendAll(errors, validateUsers(status[field], STATUS.child(field), os));
  }
  appendAll(
    errors,
    validateAllocatedResources(status.containerStatuses, spec.containers, STATUS.child('containerStatuses')),
    validateAllocatedResources(
      status.initContainerStatuses,
      spec.initContainers,
      STATUS.child('initContainerStatuses'),
    ),
  );
  for (const [index, ephemeral] of (status.ephemeralContainerStatuses ?? []).entries()) {
    if (!ephemeral.allocatedResourcesStatus?.length) continue;
    const at = STATUS.child('ephemeralContainerStatuses').index(index).child('allocatedResourcesStatus');
    errors.push(forbidden(at, 'must not be specified in container status'));
  }
  for (const field of CONTAINER_STATUSES) {
    appendAll(errors, validateImageVolumes(status[field], STATUS.child(field)));
  }
  return errors;
}
