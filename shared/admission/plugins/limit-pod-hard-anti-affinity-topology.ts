import type { Pod } from '../../apis/core/v1/types.ts';
import { newForbidden } from '../../meta/status-error.ts';
import type { AdmissionPluginFactory } from '../admission.ts';
import { isPod, operations } from '../attributes.ts';

const HOSTNAME = 'kubernetes.io/hostname';

/** Rejects required anti-affinity with a topology other than the hostname, such as zones. */
export const limitPodHardAntiAffinityTopology: AdmissionPluginFactory = () => ({
  name: 'LimitPodHardAntiAffinityTopology',
  handles: operations('CREATE', 'UPDATE'),
  async validate(attributes) {
    if (!isPod(attributes)) return;
    const pod = attributes.object as Pod;
    const terms = pod.spec.affinity?.podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? [];
    const wide = terms.find(({ topologyKey }) => topologyKey !== HOSTNAME);
    if (wide === undefined) return;
    throw newForbidden(
      attributes.resource,
      pod.metadata.name ?? '',
      `affinity.PodAntiAffinity.RequiredDuringScheduling has TopologyKey ${wide.topologyKey} but only key ${HOSTNAME} is allowed`,
    );
  },
});
