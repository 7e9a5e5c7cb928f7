import type { Container, Pod } from '../../apis/core/v1/types.ts';
import { newForbidden } from '../../meta/status-error.ts';
import type { AdmissionPluginFactory } from '../admission.ts';
import { isPod, operations } from '../attributes.ts';

const POD_FIELDS = [
  ['supplementalGroups', 'SupplementalGroups'],
  ['seLinuxOptions', 'SELinuxOptions'],
  ['runAsUser', 'RunAsUser'],
  ['fsGroup', 'FSGroup'],
] as const;
const CONTAINER_FIELDS = [
  ['seLinuxOptions', 'SELinuxOptions'],
  ['runAsUser', 'RunAsUser'],
] as const;

/** Rejects pods that set their user or SELinux context. Removed upstream in 1.30. */
export const securityContextDeny: AdmissionPluginFactory = () => ({
  name: 'SecurityContextDeny',
  handles: operations('CREATE', 'UPDATE'),
  async validate(attributes) {
    if (!isPod(attributes)) return;
    const pod = attributes.object as Pod;
    const deny = (what: string): never => {
      throw newForbidden(attributes.resource, pod.metadata.name ?? '', `${what} is forbidden`);
    };
    for (const [field, name] of POD_FIELDS) {
      if (pod.spec.securityContext?.[field] !== undefined) deny(`pod.Spec.SecurityContext.${name}`);
    }
    const containers: Container[] = [...(pod.spec.initContainers ?? []), ...(pod.spec.containers ?? [])];
    for (const { securityContext } of containers) {
      for (const [field, name] of CONTAINER_FIELDS) {
        if (securityContext?.[field] !== undefined) deny(`SecurityContext.${name}`);
      }
    }
  },
});
