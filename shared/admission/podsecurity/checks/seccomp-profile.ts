import { quote } from '../../../runtime/go-format.ts';
import { containersOf } from '../../pod-containers.ts';
import {
  type CheckPod,
  containersNamed,
  exceptWindows,
  joinQuoted,
  type PodSecurityCheck,
  plural,
  setters,
  sortedSet,
  type Violation,
} from '../check.ts';

const POD_ANNOTATION = 'seccomp.security.alpha.kubernetes.io/pod';
const CONTAINER_PREFIX = 'container.seccomp.security.alpha.kubernetes.io/';
const reason = 'seccompProfile';

const isValid = (type: string): boolean => type === 'Localhost' || type === 'RuntimeDefault';

const isValidAnnotation = (value: string): boolean =>
  value === 'runtime/default' || value === 'docker/default' || value.startsWith('localhost/');

const checkAnnotations: CheckPod = ({ metadata: { annotations = {} }, spec }) => {
  const keys = [POD_ANNOTATION, ...containersOf(spec).map(({ name }) => CONTAINER_PREFIX + name)];
  const bad = sortedSet(
    keys
      .filter((key) => Object.hasOwn(annotations, key) && !isValidAnnotation(annotations[key]!))
      .map((key) => `${key}=${quote(annotations[key]!)}`),
  );
  if (bad.length === 0) return undefined;
  return { reason, detail: `forbidden ${plural(bad.length, 'annotation')} ${bad.join(', ')}` };
};

const checkTypes: CheckPod = ({ spec }): Violation | undefined => {
  const ofPod = spec.securityContext?.seccompProfile?.type;
  const bad = containersOf(spec).flatMap(({ name, securityContext }) => {
    const type = securityContext?.seccompProfile?.type;
    return type === undefined || isValid(type) ? [] : [{ name, type }];
  });
  const podIsBad = ofPod !== undefined && !isValid(ofPod);
  const by = setters(
    podIsBad,
    bad.map(({ name }) => name),
  );
  if (by.length === 0) return undefined;
  const types = sortedSet([...(podIsBad ? [ofPod] : []), ...bad.map(({ type }) => type)]);
  return {
    reason,
    detail: `${by.join(' and ')} must not set securityContext.seccompProfile.type to ${joinQuoted(types)}`,
  };
};

const checkPresence: CheckPod = (pod) => {
  const violation = checkTypes(pod);
  if (violation !== undefined || pod.spec.securityContext?.seccompProfile !== undefined) return violation;
  const silent = containersOf(pod.spec)
    .filter(({ securityContext }) => securityContext?.seccompProfile === undefined)
    .map(({ name }) => name);
  if (silent.length === 0) return undefined;
  return {
    reason,
    detail: `pod or ${containersNamed(silent)} must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost"`,
  };
};

/** Seccomp must not be disabled. */
export const seccompProfileBaseline: PodSecurityCheck = {
  id: 'seccompProfile_baseline',
  level: 'baseline',
  versions: [
    { since: 0, check: checkAnnotations },
    { since: 19, check: checkTypes },
  ],
};

const overrides = ['seccompProfile_baseline'];

/** Seccomp must be enabled. */
export const seccompProfileRestricted: PodSecurityCheck = {
  id: 'seccompProfile_restricted',
  level: 'restricted',
  versions: [
    { since: 19, check: checkPresence, overrides },
    { since: 25, check: exceptWindows(checkPresence), overrides },
  ],
};
