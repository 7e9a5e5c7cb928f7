import { type CheckPod, containersNamed, containersThat, type PodSecurityCheck } from '../check.ts';

const check: CheckPod = (pod) => {
  const bad = containersThat(pod, ({ securityContext }) => securityContext?.privileged === true);
  if (bad.length === 0) return undefined;
  return {
    reason: 'privileged',
    detail: `${containersNamed(bad)} must not set securityContext.privileged=true`,
  };
};

/** Containers must not be privileged. */
export const privileged: PodSecurityCheck = {
  id: 'privileged',
  level: 'baseline',
  versions: [{ since: 0, check }],
};
