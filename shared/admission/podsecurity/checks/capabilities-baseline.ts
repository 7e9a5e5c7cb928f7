import { containersOf } from '../../pod-containers.ts';
import { type CheckPod, containersNamed, joinQuoted, type PodSecurityCheck, sortedSet } from '../check.ts';

const ALLOWED = new Set([
  'AUDIT_WRITE',
  'CHOWN',
  'DAC_OVERRIDE',
  'FOWNER',
  'FSETID',
  'KILL',
  'MKNOD',
  'NET_BIND_SERVICE',
  'SETFCAP',
  'SETGID',
  'SETPCAP',
  'SETUID',
  'SYS_CHROOT',
]);

const check: CheckPod = ({ spec }) => {
  const added = containersOf(spec).map(({ name, securityContext }) => ({
    name,
    bad: (securityContext?.capabilities?.add ?? []).filter((capability) => !ALLOWED.has(capability)),
  }));
  const offenders = added.filter(({ bad }) => bad.length > 0);
  if (offenders.length === 0) return undefined;
  const names = containersNamed(offenders.map(({ name }) => name));
  const capabilities = joinQuoted(sortedSet(offenders.flatMap(({ bad }) => bad)));
  return {
    reason: 'non-default capabilities',
    detail: `${names} must not include ${capabilities} in securityContext.capabilities.add`,
  };
};

/** Only capabilities of the runtime's default set may be added. */
export const capabilitiesBaseline: PodSecurityCheck = {
  id: 'capabilities_baseline',
  level: 'baseline',
  versions: [{ since: 0, check }],
};
