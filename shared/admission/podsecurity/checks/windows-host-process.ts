import { type CheckPod, containersThat, type PodSecurityCheck, setters } from '../check.ts';

const check: CheckPod = (pod) => {
  const by = setters(
    pod.spec.securityContext?.windowsOptions?.hostProcess === true,
    containersThat(pod, ({ securityContext }) => securityContext?.windowsOptions?.hostProcess === true),
  );
  if (by.length === 0) return undefined;
  return {
    reason: 'hostProcess',
    detail: `${by.join(' and ')} must not set securityContext.windowsOptions.hostProcess=true`,
  };
};

/** HostProcess containers are not allowed. */
export const windowsHostProcess: PodSecurityCheck = {
  id: 'windowsHostProcess',
  level: 'baseline',
  versions: [{ since: 0, check }],
};
