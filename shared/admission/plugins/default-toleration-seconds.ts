import type { Pod } from '../../apis/core/v1/types.ts';
import type { AdmissionPluginFactory } from '../admission.ts';
import { isPod, operations, PODS } from '../attributes.ts';

/** Upstream's defaults. */
const DEFAULT_SECONDS = { notReady: 300, unreachable: 300 };
const TAINTS = ['node.kubernetes.io/not-ready', 'node.kubernetes.io/unreachable'];

/** Adds tolerations for failing nodes, by default for five minutes, to pods without their own. */
export const defaultTolerationSeconds: AdmissionPluginFactory = ({ tolerationSeconds = DEFAULT_SECONDS }) => {
  const defaults = [tolerationSeconds.notReady, tolerationSeconds.unreachable];
  return {
    name: 'DefaultTolerationSeconds',
    handles: operations('CREATE', 'UPDATE'),
    judges: [PODS],
    async admit(attributes) {
      if (!isPod(attributes)) return;
      const { spec } = attributes.object as Pod;
      const own = spec.tolerations ?? [];
      const missing = TAINTS.flatMap((taint, i) => {
        const tolerated = own.some(
          ({ key, effect }) =>
            (key === taint || key === undefined || key === '') &&
            (effect === 'NoExecute' || effect === undefined || effect === ''),
        );
        const toleration = {
          key: taint,
          operator: 'Exists',
          effect: 'NoExecute',
          tolerationSeconds: defaults[i]!,
        };
        return tolerated ? [] : [toleration];
      });
      if (missing.length > 0) spec.tolerations = [...own, ...missing];
    },
  };
};
