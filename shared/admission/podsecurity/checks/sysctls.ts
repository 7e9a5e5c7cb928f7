import type { CheckPod, PodSecurityCheck } from '../check.ts';

/** Safe sysctls, by the version that added them. */
const SAFE: readonly (readonly [since: number, names: readonly string[]])[] = [
  [
    0,
    [
      'kernel.shm_rmid_forced',
      'net.ipv4.ip_local_port_range',
      'net.ipv4.tcp_syncookies',
      'net.ipv4.ping_group_range',
      'net.ipv4.ip_unprivileged_port_start',
    ],
  ],
  [27, ['net.ipv4.ip_local_reserved_ports']],
  [
    29,
    [
      'net.ipv4.tcp_keepalive_time',
      'net.ipv4.tcp_fin_timeout',
      'net.ipv4.tcp_keepalive_intvl',
      'net.ipv4.tcp_keepalive_probes',
    ],
  ],
  [32, ['net.ipv4.tcp_rmem', 'net.ipv4.tcp_wmem']],
];

function checkIn(version: number): CheckPod {
  const safe = new Set(SAFE.filter(([since]) => since <= version).flatMap(([, names]) => names));
  return ({ spec }) => {
    const unsafe = (spec.securityContext?.sysctls ?? []).filter(({ name }) => !safe.has(name));
    if (unsafe.length === 0) return undefined;
    return { reason: 'forbidden sysctls', detail: unsafe.map(({ name }) => name).join(', ') };
  };
}

/** Only sysctls that are isolated to the pod are allowed. */
export const sysctls: PodSecurityCheck = {
  id: 'sysctls',
  level: 'baseline',
  versions: SAFE.map(([since]) => ({ since, check: checkIn(since) })),
};
