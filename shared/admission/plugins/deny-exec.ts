import type { Pod } from '../../apis/core/v1/types.ts';
import { newNotFound } from '../../meta/status-error.ts';
import type { AdmissionPluginFactory } from '../admission.ts';
import { isResource, operations, PODS } from '../attributes.ts';
import { forbidden } from '../errors.ts';

const REASONS: readonly (readonly [string, (pod: Pod) => boolean])[] = [
  ['cannot exec into or attach to a container using host network', ({ spec }) => spec.hostNetwork === true],
  ['cannot exec into or attach to a container using host pid', ({ spec }) => spec.hostPID === true],
  ['cannot exec into or attach to a container using host ipc', ({ spec }) => spec.hostIPC === true],
];
const PRIVILEGED: (typeof REASONS)[number] = [
  'cannot exec into or attach to a privileged container',
  ({ spec }) =>
    [...(spec.initContainers ?? []), ...(spec.containers ?? [])].some(
      ({ securityContext }) => securityContext?.privileged === true,
    ),
];

function denyExec(name: string, reasons: typeof REASONS): AdmissionPluginFactory {
  return ({ resources }) => ({
    name,
    handles: operations('CONNECT'),
    async validate(attributes) {
      if (!isResource(attributes, '', 'pods') || !['exec', 'attach'].includes(attributes.subresource)) return;
      const pod = await resources.lister<Pod>(PODS).get(attributes.namespace, attributes.name, 0);
      if (pod === undefined) throw forbidden(attributes, newNotFound(PODS, attributes.name));
      const reason = reasons.find(([, applies]) => applies(pod));
      if (reason !== undefined) throw forbidden(attributes, reason[0]);
    },
  });
}

/** Denies exec and attach for pods that could escape their containers. Removed upstream in 1.21. */
export const denyEscalatingExec = denyExec('DenyEscalatingExec', [...REASONS, PRIVILEGED]);

/** Denies exec and attach for pods with privileged containers. Removed upstream in 1.21. */
export const denyExecOnPrivileged = denyExec('DenyExecOnPrivileged', [PRIVILEGED]);
