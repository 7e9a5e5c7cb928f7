import type { SELinuxOptions } from '../../../apis/core/v1/types.ts';
import { containersOf } from '../../pod-containers.ts';
import { type CheckPod, joinQuoted, type PodSecurityCheck, plural, setters, sortedSet } from '../check.ts';

const TYPES = ['', 'container_t', 'container_init_t', 'container_kvm_t'];

function checkOf(types: readonly string[]): CheckPod {
  const isBad = (options: SELinuxOptions | undefined): options is SELinuxOptions =>
    options !== undefined &&
    (!types.includes(options.type ?? '') || Boolean(options.user) || Boolean(options.role));
  return ({ spec }) => {
    const ofPod = spec.securityContext?.seLinuxOptions;
    const containers = containersOf(spec).filter(({ securityContext }) =>
      isBad(securityContext?.seLinuxOptions),
    );
    const by = setters(
      isBad(ofPod),
      containers.map(({ name }) => name),
    );
    if (by.length === 0) return undefined;
    const bad = [ofPod, ...containers.map(({ securityContext }) => securityContext?.seLinuxOptions)].filter(
      isBad,
    );
    const badTypes = sortedSet(bad.map(({ type }) => type ?? '').filter((type) => !types.includes(type)));
    const faults = [
      ...(badTypes.length > 0 ? [`${plural(badTypes.length, 'type')} ${joinQuoted(badTypes)}`] : []),
      ...(bad.some(({ user }) => user) ? ['user may not be set'] : []),
      ...(bad.some(({ role }) => role) ? ['role may not be set'] : []),
    ];
    return {
      reason: 'seLinuxOptions',
      detail: `${by.join(' and ')} set forbidden securityContext.seLinuxOptions: ${faults.join('; ')}`,
    };
  };
}

/** SELinux types are limited to those of containers, and user and role must not be set. */
export const seLinuxOptions: PodSecurityCheck = {
  id: 'seLinuxOptions',
  level: 'baseline',
  versions: [
    { since: 0, check: checkOf(TYPES) },
    { since: 31, check: checkOf([...TYPES, 'container_engine_t']) },
  ],
};
