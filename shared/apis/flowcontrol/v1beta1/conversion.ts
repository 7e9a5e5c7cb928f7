import { compact } from '../../../util/compact.ts';
import type * as v1 from '../v1/types.ts';
import type { PriorityLevelConfiguration } from './types.ts';

/** Nominal shares are called assured in v1beta1, and 0 means unset. */
export function priorityLevelConfigurationToInternal(
  config: PriorityLevelConfiguration,
): v1.PriorityLevelConfiguration {
  const { limited, ...spec } = config.spec;
  if (limited === undefined) return { ...config, spec };
  const { assuredConcurrencyShares, ...rest } = limited;
  return {
    ...config,
    spec: { ...spec, limited: { ...rest, nominalConcurrencyShares: assuredConcurrencyShares } },
  };
}

export function priorityLevelConfigurationFromInternal(
  hub: v1.PriorityLevelConfiguration,
): PriorityLevelConfiguration {
  const { limited, ...spec } = hub.spec;
  if (limited === undefined) return { ...hub, spec };
  const { nominalConcurrencyShares = 0, ...rest } = limited;
  return {
    ...hub,
    spec: compact({ ...spec, limited: { ...rest, assuredConcurrencyShares: nominalConcurrencyShares } }),
  };
}
