import type { Lease } from '../../../apis/coordination/v1/types.ts';
import { validateLease } from '../../../apis/coordination/validation/lease.ts';
import { dropping, type GatedPaths } from '../../../apis/gated-paths.ts';
import { nameIsDNSSubdomain } from '../../../meta/validation/names.ts';
import type { RESTStrategy } from '../../../rest/strategy.ts';

const GATED: GatedPaths = {
  CoordinatedLeaderElection: [{ drops: ['spec.strategy'] }, { drops: ['spec.preferredHolder'] }],
};

export const leaseStrategy: RESTStrategy<Lease> = {
  kind: { group: 'coordination.k8s.io', kind: 'Lease' },
  namespaced: true,
  validateName: nameIsDNSSubdomain,
  allowCreateOnUpdate: true,
  allowUnconditionalUpdate: false,
  dropDisabledFields: dropping(GATED),
  validate: (_context, lease) => validateLease(lease),
  validateUpdate: (_context, lease) => validateLease(lease),
};
