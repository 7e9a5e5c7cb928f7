import type { AppArmorProfile } from '../../../apis/core/v1/types.ts';
import { APPARMOR_CONTAINER } from '../../../apis/core/validation/security-profiles.ts';
import {
  ALLOWED_APPARMOR_PROFILES,
  DEFAULT_APPARMOR_PROFILE,
} from '../../../apis/policy/pod-security-policy.ts';
import { forbidden } from '../../../meta/field-error.ts';
import { FieldPath } from '../../../meta/field-path.ts';
import { quote } from '../../../runtime/go-format.ts';
import type { AnyContainer } from '../../pod-containers.ts';
import type { MutablePod, StrategyFactory } from '../strategy.ts';

const ANNOTATIONS = FieldPath.of('pod', 'metadata', 'annotations');

/** The policy's annotations name the default and the allowed profiles; without the latter all are allowed. */
export const appArmor: StrategyFactory = ({ metadata: { annotations = {} } }) => {
  const defaultProfile = annotations[DEFAULT_APPARMOR_PROFILE] ?? '';
  const names = annotations[ALLOWED_APPARMOR_PROFILES];
  const allowed = names === undefined ? undefined : new Set(names.split(','));
  return {
    defaultContainer(pod, container) {
      if (defaultProfile === '' || profileOf(pod, container) !== '') return;
      const key = APPARMOR_CONTAINER + container.name;
      pod.metadata.annotations = { ...pod.metadata.annotations, [key]: defaultProfile };
    },
    validateContainer(pod, container) {
      if (allowed === undefined) return [];
      const profile = profileOf(pod, container);
      const at = ANNOTATIONS.key(APPARMOR_CONTAINER + container.name);
      if (profile === '') return [forbidden(at, 'AppArmor profile must be set')];
      if (allowed.has(profile)) return [];
      const detail = `${profile} is not an allowed profile. Allowed values: ${quote(names!)}`;
      return [forbidden(at, detail)];
    },
  };
};

/** The annotation takes precedence over the field, which 1.20 didn't have. */
function profileOf({ metadata, spec }: MutablePod, { name, securityContext }: AnyContainer): string {
  const annotation = metadata.annotations?.[APPARMOR_CONTAINER + name];
  if (annotation) return annotation;
  return annotationOf(securityContext?.appArmorProfile ?? spec.securityContext?.appArmorProfile);
}

function annotationOf(profile: AppArmorProfile | undefined): string {
  if (profile === undefined) return '';
  const { type, localhostProfile = '' } = profile;
  if (type === 'RuntimeDefault') return 'runtime/default';
  return type === 'Localhost' ? `localhost/${localhostProfile}` : 'unconfined';
}
