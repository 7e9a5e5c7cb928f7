import {
  type CheckPod,
  containersNamed,
  containersThat,
  exceptWindows,
  type PodSecurityCheck,
} from '../check.ts';

const check: CheckPod = (pod) => {
  const bad = containersThat(
    pod,
    ({ securityContext }) => securityContext?.allowPrivilegeEscalation !== false,
  );
  if (bad.length === 0) return undefined;
  return {
    reason: 'allowPrivilegeEscalation != false',
    detail: `${containersNamed(bad)} must set securityContext.allowPrivilegeEscalation=false`,
  };
};

/** Processes must not gain more privileges than their parent. */
export const allowPrivilegeEscalation: PodSecurityCheck = {
  id: 'allowPrivilegeEscalation',
  level: 'restricted',
  versions: [
    { since: 8, check },
    { since: 25, check: exceptWindows(check) },
  ],
};
