/** https://github.com/kubernetes/pod-security-admission/blob/master/policy/registry.go */

import type { CheckPod, PodLike, PodSecurityCheck, VersionedCheck, Violation } from './check.ts';
import { allowPrivilegeEscalation } from './checks/allow-privilege-escalation.ts';
import { appArmorProfile } from './checks/app-armor-profile.ts';
import { capabilitiesBaseline } from './checks/capabilities-baseline.ts';
import { capabilitiesRestricted } from './checks/capabilities-restricted.ts';
import { hostNamespaces } from './checks/host-namespaces.ts';
import { hostPathVolumes } from './checks/host-path-volumes.ts';
import { hostPorts } from './checks/host-ports.ts';
import { hostProbesAndHostLifecycle } from './checks/host-probes-and-host-lifecycle.ts';
import { privileged } from './checks/privileged.ts';
import { procMountBaseline, procMountRestricted } from './checks/proc-mount.ts';
import { restrictedVolumes } from './checks/restricted-volumes.ts';
import { runAsNonRoot } from './checks/run-as-non-root.ts';
import { runAsUser } from './checks/run-as-user.ts';
import { seLinuxOptions } from './checks/se-linux-options.ts';
import { seccompProfileBaseline, seccompProfileRestricted } from './checks/seccomp-profile.ts';
import { sysctls } from './checks/sysctls.ts';
import { windowsHostProcess } from './checks/windows-host-process.ts';
import { LATEST, type LevelVersion } from './policy.ts';

const CHECKS: readonly PodSecurityCheck[] = [
  allowPrivilegeEscalation,
  appArmorProfile,
  capabilitiesBaseline,
  capabilitiesRestricted,
  hostNamespaces,
  hostPathVolumes,
  hostPorts,
  hostProbesAndHostLifecycle,
  privileged,
  procMountBaseline,
  procMountRestricted,
  restrictedVolumes,
  runAsNonRoot,
  runAsUser,
  seLinuxOptions,
  seccompProfileBaseline,
  seccompProfileRestricted,
  sysctls,
  windowsHostProcess,
].toSorted((a, b) => compare(a.level, b.level) || compare(a.id, b.id));

/** The last version with a change. */
const NEWEST = Math.max(...CHECKS.flatMap(({ versions }) => versions.map(({ since }) => since)));

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

const cache = new Map<string, readonly CheckPod[]>();

/** Baseline checks first, then sorted by id. */
function checksOf({ level, version }: LevelVersion): readonly CheckPod[] {
  if (level === 'privileged') return [];
  const minor = version === LATEST ? NEWEST : Math.min(version, NEWEST);
  const key = `${level} ${minor}`;
  let checks = cache.get(key);
  if (checks === undefined) {
    checks = selectChecks(level, minor);
    cache.set(key, checks);
  }
  return checks;
}

function selectChecks(level: 'baseline' | 'restricted', minor: number): readonly CheckPod[] {
  const current = new Map<string, VersionedCheck>();
  for (const check of CHECKS) {
    const version = check.versions.findLast(({ since }) => since <= minor);
    if (version !== undefined && (level === 'restricted' || check.level === 'baseline')) {
      current.set(check.id, version);
    }
  }
  const overridden = new Set([...current.values()].flatMap(({ overrides }) => overrides ?? []));
  return [...current].filter(([id]) => !overridden.has(id)).map(([, { check }]) => check);
}

/** All violations of a pod. */
export function evaluatePod(of: LevelVersion, pod: PodLike): readonly Violation[] {
  return checksOf(of).flatMap((check) => check(pod) ?? []);
}

/** For messages about a single pod: reasons with details. */
export function formatViolations(violations: readonly Violation[]): string {
  return violations
    .map(({ reason, detail }) => (detail === '' ? reason : `${reason} (${detail})`))
    .join(', ');
}
