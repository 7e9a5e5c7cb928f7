import type { Pod } from '../../apis/core/v1/types.ts';
import type { AdmissionPluginFactory } from '../admission.ts';
import { isPod, operations } from '../attributes.ts';

/** Seconds; upstream's default of `--default-not-ready-toleration-seconds` and of its sister for unreachable nodes. */
const DEFAULT_SECONDS = 300;
const TAINTS = ['node.kubernetes.io/not-ready', 'node.kubernetes.io/unreachable'];

export interface TolerationSeconds {
  readonly notReady?: number;
  readonly unreachable?: number;
}

/** A pod stays five minutes on a node that fails, unless it says otherwise. */
export function defaultTolerationSeconds(seconds: TolerationSeconds = {}): AdmissionPluginFactory {
  const defaults = [seconds.notReady ?? DEFAULT_SECONDS, seconds.unreachable ?? DEFAULT_SECONDS];
  return () => ({
    name: 'DefaultTolerationSeconds',
    handles: operations('CREATE', 'UPDATE'),
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
  });
}
