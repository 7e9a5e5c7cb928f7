/** Rules for seccomp and AppArmor profiles, in fields and in deprecated annotations. */

import {
  type FieldError,
  forbidden,
  invalid,
  notSupported,
  required,
  tooLong,
} from '../../../meta/field-error.ts';
import type { FieldPath } from '../../../meta/field-path.ts';
import type { ObjectMeta } from '../../../meta/v1/types.ts';
import { byteLength } from '../../../meta/validation/format.ts';
import { quote } from '../../../runtime/go-format.ts';
import { appendAll } from '../../../util/append-all.ts';
import type { AppArmorProfile, PodSpec, SeccompProfile } from '../v1/types.ts';
import { containersWithPath } from '../visit-containers.ts';
import { sortedEntries } from './helpers.ts';
import { validateLocalDescendingPath } from './paths.ts';

const TYPES = ['Localhost', 'RuntimeDefault', 'Unconfined'];
const MAX_APPARMOR_PROFILE_LENGTH = 4095;

export const SECCOMP_POD = 'seccomp.security.alpha.kubernetes.io/pod';
export const SECCOMP_CONTAINER = 'container.seccomp.security.alpha.kubernetes.io/';
export const APPARMOR_CONTAINER = 'container.apparmor.security.beta.kubernetes.io/';

export function validateSeccompProfileField(
  profile: SeccompProfile | undefined,
  path: FieldPath,
): FieldError[] {
  if (!profile) return [];
  const { type, localhostProfile } = profile;
  const errors: FieldError[] = [];
  if (!type) errors.push(required(path.child('type'), 'type is required when seccompProfile is set'));
  else if (!TYPES.includes(type)) errors.push(notSupported(path.child('type'), type, TYPES));
  const at = path.child('localhostProfile');
  if (type === 'Localhost') {
    if (localhostProfile === undefined) {
      errors.push(required(at, 'must be set when seccomp type is Localhost'));
    } else appendAll(errors, validateLocalDescendingPath(localhostProfile, at));
  } else if (localhostProfile !== undefined) {
    // Upstream's internal type, which has no JSON names.
    const shown = { Type: type, LocalhostProfile: localhostProfile };
    errors.push(invalid(at, shown, 'can only be set when seccomp type is Localhost'));
  }
  return errors;
}

export function validateAppArmorProfileField(
  profile: AppArmorProfile | undefined,
  path: FieldPath,
): FieldError[] {
  if (!profile) return [];
  const { type, localhostProfile } = profile;
  const at = path.child('localhostProfile');
  if (!type) return [required(path.child('type'), 'type is required when appArmorProfile is set')];
  if (!TYPES.includes(type)) return [notSupported(path.child('type'), type, TYPES)];
  if (type !== 'Localhost') {
    if (localhostProfile === undefined) return [];
    return [invalid(at, localhostProfile, 'can only be set when AppArmor type is Localhost')];
  }
  const errors: FieldError[] = [];
  if (localhostProfile !== undefined && localhostProfile.trim() !== localhostProfile) {
    errors.push(invalid(at, localhostProfile, 'must not be padded with whitespace'));
  } else if (!localhostProfile) errors.push(required(at, 'must be set when AppArmor type is Localhost'));
  if (byteLength(localhostProfile ?? '') > MAX_APPARMOR_PROFILE_LENGTH) {
    errors.push(tooLong(at, MAX_APPARMOR_PROFILE_LENGTH));
  }
  return errors;
}

/** Validates the profile in an annotation. */
export function validateSeccompAnnotation(profile: string, path: FieldPath): FieldError[] {
  if (['runtime/default', 'docker/default', 'unconfined'].includes(profile)) return [];
  if (profile.startsWith('localhost/')) {
    return validateLocalDescendingPath(profile.slice('localhost/'.length), path);
  }
  return [invalid(path, profile, 'must be a valid seccomp profile')];
}

type Annotations = Readonly<Record<string, string>> | undefined;

export function validateSeccompPodAnnotations(annotations: Annotations, path: FieldPath): FieldError[] {
  const pod = annotations?.[SECCOMP_POD];
  return [
    ...(pod === undefined ? [] : validateSeccompAnnotation(pod, path.child(SECCOMP_POD))),
    ...sortedEntries(annotations).flatMap(([key, profile]) =>
      key.startsWith(SECCOMP_CONTAINER) ? validateSeccompAnnotation(profile, path.child(key)) : [],
    ),
  ];
}

/** Whether the profile is valid in an annotation; '' means none. */
export function isAppArmorProfile(profile: string): boolean {
  return ['', 'runtime/default', 'unconfined'].includes(profile) || profile.startsWith('localhost/');
}

export function validateAppArmorPodAnnotations(
  annotations: Annotations,
  spec: PodSpec,
  path: FieldPath,
): FieldError[] {
  const names = new Set([...containersWithPath(spec, path)].map(({ container }) => container.name));
  return sortedEntries(annotations).flatMap(([key, profile]) => {
    if (!key.startsWith(APPARMOR_CONTAINER)) return [];
    const name = key.slice(APPARMOR_CONTAINER.length);
    const errors = names.has(name) ? [] : [invalid(path.key(key), name, 'container not found')];
    if (!isAppArmorProfile(profile)) {
      errors.push(invalid(path.key(key), profile, `invalid AppArmor profile name: ${quote(profile)}`));
    }
    return errors;
  });
}

interface Profile {
  readonly type: string;
  readonly localhostProfile?: string | undefined;
}

/** Errors if an annotation and the field differ. `kind` is the term in messages. */
function matchErrors(kind: string, annotation: string, profile: Profile, path: FieldPath): FieldError[] {
  const defaults = kind === 'seccomp' ? ['runtime/default', 'docker/default'] : ['runtime/default'];
  const typeErrors = [forbidden(path.child('type'), `${kind} type in annotation and field must match`)];
  switch (profile.type) {
    case 'Unconfined':
      return annotation === 'unconfined' ? [] : typeErrors;
    case 'RuntimeDefault':
      return defaults.includes(annotation) ? [] : typeErrors;
    case 'Localhost': {
      if (!annotation.startsWith('localhost/')) return typeErrors;
      if (annotation.slice('localhost/'.length) === profile.localhostProfile) return [];
      const detail = `${kind} profile in annotation and field must match`;
      return [forbidden(path.child('localhostProfile'), detail)];
    }
    default:
      return [];
  }
}

export function validateSeccompAnnotationsAndFields(
  { annotations = {} }: ObjectMeta,
  spec: PodSpec,
  path: FieldPath,
): FieldError[] {
  const errors: FieldError[] = [];
  const podProfile = spec.securityContext?.seccompProfile;
  if (podProfile && annotations[SECCOMP_POD] !== undefined) {
    const at = path.child('securityContext', 'seccompProfile');
    appendAll(errors, matchErrors('seccomp', annotations[SECCOMP_POD], podProfile, at));
  }
  for (const { container, path: containerPath } of containersWithPath(spec, path)) {
    const profile = container.securityContext?.seccompProfile;
    const annotation = annotations[`${SECCOMP_CONTAINER}${container.name}`];
    if (!profile || annotation === undefined) continue;
    const at = containerPath.child('securityContext', 'seccompProfile');
    appendAll(errors, matchErrors('seccomp', annotation, profile, at));
  }
  return errors;
}

export function validateAppArmorAnnotationsAndFields(
  { annotations = {} }: ObjectMeta,
  spec: PodSpec,
  path: FieldPath,
): FieldError[] {
  if (spec.os?.name === 'windows') return [];
  return [...containersWithPath(spec, path)].flatMap(({ container, path: containerPath }) => {
    const profile = container.securityContext?.appArmorProfile ?? spec.securityContext?.appArmorProfile;
    const annotation = annotations[`${APPARMOR_CONTAINER}${container.name}`];
    if (!profile || annotation === undefined) return [];
    return matchErrors(
      'apparmor',
      annotation,
      profile,
      containerPath.child('securityContext', 'appArmorProfile'),
    );
  });
}
