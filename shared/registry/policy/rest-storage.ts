import { groupStorage, storedResource } from '../generic/group-storage.ts';
import {
  podDisruptionBudgetStatusStrategy,
  podDisruptionBudgetStrategy,
} from './poddisruptionbudget/strategy.ts';
import { podSecurityPolicyStrategy } from './podsecuritypolicy/strategy.ts';

export const policyStorage = groupStorage('policy', {
  poddisruptionbudgets: storedResource({
    anyFinalizers: true,
    version: 'v1',
    strategy: podDisruptionBudgetStrategy,
    status: podDisruptionBudgetStatusStrategy,
  }),
  podsecuritypolicies: storedResource({ version: 'v1beta1', strategy: podSecurityPolicyStrategy }),
});
