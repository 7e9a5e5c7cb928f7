import { selectorFromV1beta1, selectorToV1beta1 } from '../pdb-selector.ts';
import type * as v1 from '../v1/types.ts';
import type { PodDisruptionBudget } from './types.ts';

export function podDisruptionBudgetToInternal(pdb: PodDisruptionBudget): v1.PodDisruptionBudget {
  if (pdb.spec.selector !== undefined) pdb.spec.selector = selectorFromV1beta1(pdb.spec.selector);
  return pdb;
}

export function podDisruptionBudgetFromInternal(hub: v1.PodDisruptionBudget): PodDisruptionBudget {
  if (hub.spec.selector !== undefined) hub.spec.selector = selectorToV1beta1(hub.spec.selector);
  return hub;
}
