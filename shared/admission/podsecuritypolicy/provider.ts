/**
 * Applies a policy to pods
 * (https://github.com/kubernetes/kubernetes/blob/release-1.20/pkg/security/podsecuritypolicy/provider.go).
 */

import { containersWithPath } from '../../apis/core/visit-containers.ts';
import type { PodSecurityPolicy } from '../../apis/policy/v1beta1/types.ts';
import type { FieldError } from '../../meta/field-error.ts';
import { FieldPath } from '../../meta/field-path.ts';
import { appArmor } from './strategies/app-armor.ts';
import { capabilities } from './strategies/capabilities.ts';
import { fsGroup } from './strategies/fs-group.ts';
import { hostNamespaces } from './strategies/host-namespaces.ts';
import { hostPorts } from './strategies/host-ports.ts';
import { privilegeEscalation } from './strategies/privilege-escalation.ts';
import { privileged } from './strategies/privileged.ts';
import { procMount } from './strategies/proc-mount.ts';
import { readOnlyRootFilesystem } from './strategies/read-only-root-filesystem.ts';
import { runAsGroup } from './strategies/run-as-group.ts';
import { runAsUser } from './strategies/run-as-user.ts';
import { runtimeClass } from './strategies/runtime-class.ts';
import { seLinux } from './strategies/se-linux.ts';
import { containerSeccomp, podSeccomp } from './strategies/seccomp.ts';
import { supplementalGroups } from './strategies/supplemental-groups.ts';
import { sysctls } from './strategies/sysctls.ts';
import { volumes } from './strategies/volumes.ts';
import type { MutablePod, StrategyFactory } from './strategy.ts';

/** In the order in which their errors are reported. */
const STRATEGIES: readonly StrategyFactory[] = [
  fsGroup,
  supplementalGroups,
  podSeccomp,
  runAsUser,
  runAsGroup,
  seLinux,
  hostNamespaces,
  sysctls,
  volumes,
  runtimeClass,
  appArmor,
  containerSeccomp,
  privileged,
  procMount,
  capabilities,
  hostPorts,
  readOnlyRootFilesystem,
  privilegeEscalation,
];

const SPEC = FieldPath.of('spec');

export interface PodSecurityPolicyProvider {
  readonly policyName: string;
  /** Sets defaults in place, then returns the violations. */
  apply(pod: MutablePod): FieldError[];
}

/** Throws Error for an invalid policy. */
export function podSecurityPolicyProvider(policy: PodSecurityPolicy): PodSecurityPolicyProvider {
  const strategies = STRATEGIES.map((strategy) => strategy(policy));
  return {
    policyName: policy.metadata.name ?? '',
    apply(pod) {
      for (const strategy of strategies) strategy.defaultPod?.(pod);
      const containers = [...containersWithPath(pod.spec, SPEC)];
      for (const { container } of containers) {
        for (const strategy of strategies) strategy.defaultContainer?.(pod, container);
      }
      return [
        ...strategies.flatMap((strategy) => strategy.validatePod?.(pod) ?? []),
        ...containers.flatMap(({ container, path }) =>
          strategies.flatMap((strategy) => strategy.validateContainer?.(pod, container, path) ?? []),
        ),
      ];
    },
  };
}
