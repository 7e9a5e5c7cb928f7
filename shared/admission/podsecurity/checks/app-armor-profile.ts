import { quote } from '../../../runtime/go-format.ts';
import { containersOf } from '../../pod-containers.ts';
import { type CheckPod, joinQuoted, type PodSecurityCheck, plural, setters, sortedSet } from '../check.ts';

const ANNOTATION_PREFIX = 'container.apparmor.security.beta.kubernetes.io/';
const ALLOWED = ['RuntimeDefault', 'Localhost'];

const isAllowedAnnotation = (value: string): boolean =>
  value === '' || value === 'runtime/default' || value.startsWith('localhost/');

const check: CheckPod = ({ metadata, spec }) => {
  const badType = (context: { appArmorProfile?: { type: string } | undefined } | undefined): string[] => {
    const type = context?.appArmorProfile?.type;
    return type === undefined || ALLOWED.includes(type) ? [] : [type];
  };
  const ofPod = badType(spec.securityContext);
  const containers = containersOf(spec).filter(({ securityContext }) => badType(securityContext).length > 0);
  const annotations = Object.entries(metadata.annotations ?? {})
    .filter(([key, value]) => key.startsWith(ANNOTATION_PREFIX) && !isAllowedAnnotation(value))
    .map(([key, value]) => `${key}=${quote(value)}`)
    .sort();
  const values = [
    ...sortedSet([...ofPod, ...containers.flatMap(({ securityContext }) => badType(securityContext))]),
    ...annotations,
  ];
  const by = [
    ...setters(
      ofPod.length > 0,
      containers.map(({ name }) => name),
    ),
    ...(annotations.length > 0 ? [plural(annotations.length, 'annotation')] : []),
  ];
  if (by.length === 0) return undefined;
  return {
    reason: plural(values.length, 'forbidden AppArmor profile'),
    detail: `${by.join(' and ')} must not set AppArmor profile type to ${joinQuoted(values)}`,
  };
};

/** AppArmor must use the runtime's default or a localhost profile. */
export const appArmorProfile: PodSecurityCheck = {
  id: 'appArmorProfile',
  level: 'baseline',
  versions: [{ since: 0, check }],
};
