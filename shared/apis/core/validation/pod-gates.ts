/**
 * Features that gates permit in pods. Updates may keep features that the stored pod uses
 * (https://github.com/kubernetes/kubernetes/blob/master/pkg/api/pod/util.go, GetValidationOptionsFromPodSpecAndMeta).
 */

import type { FeatureEnabled, RequestContext } from '../../../request/request-context.ts';
import { specUsesGate } from '../gated-pod-fields.ts';
import type { Container, PodSpec } from '../v1/types.ts';

export type Gates = Pick<RequestContext, 'featureEnabled'>;

const restartsAllContainers = ({ restartPolicyRules }: Container): boolean =>
  (restartPolicyRules ?? []).some(({ action }) => action === 'RestartAllContainers');

/** By gate, whether a stored spec uses the feature. */
const IN_USE: Readonly<Record<string, (old: PodSpec) => boolean>> = {
  ContainerRestartRules: (old) => specUsesGate('ContainerRestartRules', old),
  EnvFiles: (old) => specUsesGate('EnvFiles', old),
  InPlacePodVerticalScaling: ({ initContainers }) =>
    (initContainers ?? []).some(
      ({ restartPolicy, resizePolicy }) => restartPolicy === 'Always' && resizePolicy?.length,
    ),
  RestartAllContainersOnContainerExits: ({ containers, initContainers }) =>
    (containers ?? []).some(restartsAllContainers) ||
    (initContainers ?? []).some(
      (container) =>
        restartsAllContainers(container) ||
        (container.restartPolicy === 'Always' && container.restartPolicyRules?.length),
    ),
  SELinuxMount: ({ securityContext }) => securityContext?.seLinuxChangePolicy !== undefined,
  TaintTolerationComparisonOperators: ({ tolerations }) =>
    (tolerations ?? []).some(({ operator }) => operator === 'Lt' || operator === 'Gt'),
  UserNamespacesHostNetworkSupport: ({ hostUsers, hostNetwork }) =>
    hostUsers === false && hostNetwork === true,
};

/** The gates in effect for a spec that replaces `old`. */
export function allowedByGates({ featureEnabled }: Gates, old: PodSpec | null | undefined): FeatureEnabled {
  return (gate) => featureEnabled(gate) || Boolean(old && IN_USE[gate]?.(old));
}
