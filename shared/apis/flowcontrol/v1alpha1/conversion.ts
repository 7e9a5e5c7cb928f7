import type * as v1 from '../v1/types.ts';
import { priorityLevelConfigurationFromInternal as toV1beta1 } from '../v1beta1/conversion.ts';
import type { PriorityLevelConfiguration } from './types.ts';

/** Like v1beta1, but without lending. */
export function priorityLevelConfigurationFromInternal(
  hub: v1.PriorityLevelConfiguration,
): PriorityLevelConfiguration {
  const config = toV1beta1(hub);
  delete config.spec.exempt;
  delete config.spec.limited?.lendablePercent;
  delete config.spec.limited?.borrowingLimitPercent;
  return config;
}
