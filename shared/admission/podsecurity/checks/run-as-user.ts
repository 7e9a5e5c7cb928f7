import {
  type CheckPod,
  containersThat,
  exceptUserNamespaces,
  type PodSecurityCheck,
  setters,
} from '../check.ts';

const check: CheckPod = (pod) => {
  const by = setters(
    pod.spec.securityContext?.runAsUser === 0,
    containersThat(pod, ({ securityContext }) => securityContext?.runAsUser === 0),
  );
  if (by.length === 0) return undefined;
  return { reason: 'runAsUser=0', detail: `${by.join(' and ')} must not set runAsUser=0` };
};

/** Containers must not set the user to root. */
export const runAsUser: PodSecurityCheck = {
  id: 'runAsUser',
  level: 'restricted',
  versions: [
    { since: 23, check },
    { since: 35, check: exceptUserNamespaces(check) },
  ],
};
