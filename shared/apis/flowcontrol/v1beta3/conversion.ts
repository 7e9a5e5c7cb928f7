/** https://github.com/kubernetes/kubernetes/blob/master/pkg/apis/flowcontrol/v1beta3/conversion.go */

import type * as v1 from '../v1/types.ts';
import type { PriorityLevelConfiguration } from './types.ts';

/** Distinguishes zero shares from unset ones, because this version has no pointer. */
export const PRESERVES_ZERO = 'flowcontrol.k8s.io/v1beta3-preserve-zero-concurrency-shares';

export function priorityLevelConfigurationToInternal(
  config: PriorityLevelConfiguration,
): v1.PriorityLevelConfiguration {
  const { annotations, ...metadata } = config.metadata;
  if (annotations === undefined || !Object.hasOwn(annotations, PRESERVES_ZERO)) return config;
  const { [PRESERVES_ZERO]: _, ...rest } = annotations;
  return {
    ...config,
    metadata: { ...metadata, ...(Object.keys(rest).length > 0 && { annotations: rest }) },
  };
}

export function priorityLevelConfigurationFromInternal(
  hub: v1.PriorityLevelConfiguration,
): PriorityLevelConfiguration {
  const { metadata, spec } = hub;
  if (!spec.limited) return hub as PriorityLevelConfiguration;
  const { nominalConcurrencyShares = 0 } = spec.limited;
  const annotations = { ...metadata.annotations, [PRESERVES_ZERO]: '' };
  return {
    ...hub,
    ...(nominalConcurrencyShares === 0 && { metadata: { ...metadata, annotations } }),
    spec: { ...spec, limited: { ...spec.limited, nominalConcurrencyShares } },
  } as PriorityLevelConfiguration;
}
