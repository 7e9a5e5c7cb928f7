import type { SeccompProfile } from '../../../apis/core/v1/types.ts';
import { SECCOMP_CONTAINER, SECCOMP_POD } from '../../../apis/core/validation/security-profiles.ts';
import {
  ALL,
  ALLOWED_SECCOMP_PROFILES,
  DEFAULT_SECCOMP_PROFILE,
} from '../../../apis/policy/pod-security-policy.ts';
import { type FieldError, forbidden } from '../../../meta/field-error.ts';
import { FieldPath } from '../../../meta/field-path.ts';
import type { AnyContainer } from '../../pod-containers.ts';
import type { MutablePod, StrategyFactory } from '../strategy.ts';

const ANNOTATIONS = FieldPath.of('pod', 'metadata', 'annotations');
const LOCALHOST = 'localhost/';
/** Two names of the same profile. */
const RUNTIME_DEFAULT = ['runtime/default', 'docker/default'];

/** Sets the default profile of pods and validates the profiles of pods. */
export const podSeccomp: StrategyFactory = ({ metadata: { annotations = {} } }) => {
  const defaultProfile = annotations[DEFAULT_SECCOMP_PROFILE] ?? '';
  const validate = profileRule(annotations);
  return {
    defaultPod(pod) {
      if (defaultProfile === '' || podProfile(pod) !== '') return;
      pod.metadata.annotations = { ...pod.metadata.annotations, [SECCOMP_POD]: defaultProfile };
      // Since 1.27 the field is no longer derived from the annotation.
      const seccompProfile = fieldOf(defaultProfile);
      pod.spec.securityContext = { ...pod.spec.securityContext, seccompProfile };
    },
    validatePod: (pod) => validate(podProfile(pod), SECCOMP_POD),
  };
};

/** Validates the profiles of containers, which default to the pod's. */
export const containerSeccomp: StrategyFactory = ({ metadata: { annotations = {} } }) => {
  const validate = profileRule(annotations);
  return {
    validateContainer: (pod, container) =>
      validate(containerProfile(pod, container), SECCOMP_CONTAINER + container.name),
  };
};

type ProfileRule = (profile: string, annotation: string) => FieldError[];

function profileRule(annotations: Readonly<Record<string, string>>): ProfileRule {
  const names = annotations[ALLOWED_SECCOMP_PROFILES];
  const listed = names?.split(',') ?? [];
  if (listed.includes(ALL)) return () => [];
  const allowed = new Set(listed);
  if (RUNTIME_DEFAULT.some((name) => allowed.has(name)))
    for (const name of RUNTIME_DEFAULT) allowed.add(name);
  return (profile, annotation) => {
    if (allowed.size === 0) {
      return profile === '' ? [] : [forbidden(ANNOTATIONS.key(annotation), 'seccomp may not be set')];
    }
    if (allowed.has(profile)) return [];
    const detail = `${profile} is not an allowed seccomp profile. Valid values are ${names}`;
    return [forbidden(ANNOTATIONS.key(annotation), detail)];
  };
}

function podProfile({ metadata, spec }: MutablePod): string {
  return metadata.annotations?.[SECCOMP_POD] || annotationOf(spec.securityContext?.seccompProfile);
}

function containerProfile(
  { metadata: { annotations = {} }, spec }: MutablePod,
  { name, securityContext }: AnyContainer,
): string {
  const own = securityContext?.seccompProfile;
  if (own !== undefined) return annotationOf(own);
  const annotation = annotations[SECCOMP_CONTAINER + name];
  if (annotation !== undefined) return annotation;
  const pod = spec.securityContext?.seccompProfile;
  return pod === undefined ? (annotations[SECCOMP_POD] ?? '') : annotationOf(pod);
}

function annotationOf(profile: SeccompProfile | undefined): string {
  switch (profile?.type) {
    case 'Unconfined':
      return 'unconfined';
    case 'RuntimeDefault':
      return 'runtime/default';
    case 'Localhost':
      return profile.localhostProfile === undefined ? '' : LOCALHOST + profile.localhostProfile;
    default:
      return '';
  }
}

function fieldOf(annotation: string): SeccompProfile {
  if (annotation.startsWith(LOCALHOST)) {
    return { type: 'Localhost', localhostProfile: annotation.slice(LOCALHOST.length) };
  }
  return { type: RUNTIME_DEFAULT.includes(annotation) ? 'RuntimeDefault' : 'Unconfined' };
}
