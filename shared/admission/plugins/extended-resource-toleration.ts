import { isExtendedResourceName } from '../../apis/core/resource-names.ts';
import type { Pod } from '../../apis/core/v1/types.ts';
import type { AdmissionPluginFactory } from '../admission.ts';
import { isPod, operations } from '../attributes.ts';

/** Whoever asks for a device may run where nodes are kept for those who do. */
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
    for (const key of [...names].sort()) {
      const tolerations = spec.tolerations ?? [];
      const known = tolerations.some(
        (own) =>
          own.key === key &&
          own.operator === 'Exists' &&
          own.effect === 'NoSchedule' &&
          (own.value ?? '') === '',
      );
      if (!known) spec.tolerations = [...tolerations, { key, operator: 'Exists', effect: 'NoSchedule' }];
    }
  },
});
