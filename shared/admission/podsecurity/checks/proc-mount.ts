import { containersOf } from '../../pod-containers.ts';
import {
  type CheckPod,
  containersNamed,
  exceptUserNamespaces,
  joinQuoted,
  type PodSecurityCheck,
  sortedSet,
} from '../check.ts';

const check: CheckPod = ({ spec }) => {
  const bad = containersOf(spec).flatMap(({ name, securityContext }) => {
    const type = securityContext?.procMount;
    return type === undefined || type === 'Default' ? [] : [{ name, type }];
  });
  if (bad.length === 0) return undefined;
  const names = containersNamed(bad.map(({ name }) => name));
  const types = joinQuoted(sortedSet(bad.map(({ type }) => type)));
  return { reason: 'procMount', detail: `${names} must not set securityContext.procMount to ${types}` };
};

/** `/proc` must be masked, except for pods in user namespaces. */
export const procMountBaseline: PodSecurityCheck = {
  id: 'procMount',
  level: 'baseline',
  versions: [
    { since: 0, check },
    { since: 35, check: exceptUserNamespaces(check) },
  ],
};

/** `/proc` must be masked. */
export const procMountRestricted: PodSecurityCheck = {
  id: 'procMount_restricted',
  level: 'restricted',
  versions: [{ since: 35, check, overrides: ['procMount'] }],
};
