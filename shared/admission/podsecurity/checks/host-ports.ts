import { containersOf } from '../../pod-containers.ts';
import { type CheckPod, containersNamed, type PodSecurityCheck, plural, sortedSet } from '../check.ts';

const check: CheckPod = ({ spec }) => {
  const using = containersOf(spec)
    .map(({ name, ports }) => ({ name, ports: (ports ?? []).flatMap(({ hostPort }) => hostPort || []) }))
    .filter(({ ports }) => ports.length > 0);
  if (using.length === 0) return undefined;
  const names = containersNamed(using.map(({ name }) => name));
  const ports = sortedSet(using.flatMap((container) => container.ports.map(String)));
  return {
    reason: 'hostPort',
    detail: `${names} ${plural(using.length, 'uses', 'use')} ${plural(ports.length, 'hostPort')} ${ports.join(', ')}`,
  };
};

/** Containers must not use host ports. */
export const hostPorts: PodSecurityCheck = {
  id: 'hostPorts',
  level: 'baseline',
  versions: [{ since: 0, check }],
};
