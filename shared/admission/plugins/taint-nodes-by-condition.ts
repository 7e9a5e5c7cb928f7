import type { Node } from '../../apis/core/v1/types.ts';
import type { AdmissionPluginFactory } from '../admission.ts';
import { isWhole, operations } from '../attributes.ts';

const NOT_READY = { key: 'node.kubernetes.io/not-ready', effect: 'NoSchedule' };

/** Taints new nodes so that no pods are scheduled there until they are ready. */
export const taintNodesByCondition: AdmissionPluginFactory = () => ({
  name: 'TaintNodesByCondition',
  handles: operations('CREATE'),
  judges: [{ group: '', resource: 'nodes' }],
  async admit(attributes) {
    if (!isWhole(attributes, '', 'nodes')) return;
    const { spec } = attributes.object as Node;
    const taints = spec.taints ?? [];
    if (taints.some(({ key, effect }) => key === NOT_READY.key && effect === NOT_READY.effect)) return;
    spec.taints = [...taints, { ...NOT_READY }];
  },
});
