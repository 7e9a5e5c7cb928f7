import { isMatchNone, stripPDBV1beta1Label } from '../pdb-selector.ts';
import type { PodDisruptionBudget } from './types.ts';

export function podDisruptionBudgetToInternal(pdb: PodDisruptionBudget): PodDisruptionBudget {
  const { selector } = pdb.spec;
  if (selector !== undefined && !isMatchNone(selector)) stripPDBV1beta1Label(selector);
  return pdb;
}
