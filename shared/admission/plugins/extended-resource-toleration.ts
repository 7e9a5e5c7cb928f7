import { isExtendedResourceName } from '../../apis/core/resource-names.ts';
import type { Pod } from '../../apis/core/v1/types.ts';
import type { AdmissionPluginFactory } from '../admission.ts';
import { isPod, operations } from '../attributes.ts';

/** Pods that request extended resources tolerate the taints of nodes dedicated to them. */
export const extendedResourceToleration: AdmissionPluginFactory = () => ({
  name: 'ExtendedResourceToleration',
  handles: operations('CREATE', 'UPDATE'),
  async admit(attributes) {
    if (!isPod(attributes)) return;
    const { spec } = attributes.object as Pod;
    const containers = [...(spec.containers ?? []), ...(spec.initContainers ?? [])];
    const names = new Set(
      containers.flatMap(({ resources }) =>
        Object.keys(resources?.requests ?? {}).filter(isExtendedResourceName),
      ),
    );
    const tolerations = spec.tolerations ?? [];
    const known = new Set(
      tolerations
        .filter(
          ({ operator, effect, value = '' }) =>
            operator === 'Exists' && effect === 'NoSchedule' && value === '',
        )
        .map(({ key }) => key),
    );
    const missing = [...names].filter((key) => !known.has(key)).sort();
    if (missing.length === 0) return;
    spec.tolerations = [
      ...tolerations,
      ...missing.map((key) => ({ key, operator: 'Exists', effect: 'NoSchedule' }) as const),
    ];
  },
});
