import {
  type CheckPod,
  containersNamed,
  containersThat,
  exceptUserNamespaces,
  type PodSecurityCheck,
  setters,
} from '../check.ts';

const reason = 'runAsNonRoot != true';

const check: CheckPod = (pod) => {
  const ofPod = pod.spec.securityContext?.runAsNonRoot;
  const by = setters(
    ofPod === false,
    containersThat(pod, ({ securityContext }) => securityContext?.runAsNonRoot === false),
  );
  if (by.length > 0) {
    return { reason, detail: `${by.join(' and ')} must not set securityContext.runAsNonRoot=false` };
  }
  const silent =
    ofPod === true
      ? []
      : containersThat(pod, ({ securityContext }) => securityContext?.runAsNonRoot === undefined);
  if (silent.length === 0) return undefined;
  return {
    reason,
    detail: `pod or ${containersNamed(silent)} must set securityContext.runAsNonRoot=true`,
  };
};

/** Containers must be required to run as a non-root user. */
export const runAsNonRoot: PodSecurityCheck = {
  id: 'runAsNonRoot',
  level: 'restricted',
  versions: [
    { since: 0, check },
    { since: 35, check: exceptUserNamespaces(check) },
  ],
};
