import type { Lease } from '../../../apis/coordination/v1/types.ts';
import { validateLease } from '../../../apis/coordination/validation/lease.ts';
import { nameIsDNSSubdomain } from '../../../meta/validation/names.ts';
import type { RESTStrategy } from '../../../rest/strategy.ts';

export const leaseStrategy: RESTStrategy<Lease> = {
  kind: { group: 'coordination.k8s.io', kind: 'Lease' },
  namespaced: true,
  validateName: nameIsDNSSubdomain,
  allowCreateOnUpdate: true,
  allowUnconditionalUpdate: false,
  prepareForCreate(_context, lease) {
    dropCoordination(lease, undefined);
  },
  validate: (_context, lease) => validateLease(lease),
  prepareForUpdate(_context, lease, old) {
    dropCoordination(lease, old);
  },
  validateUpdate: (_context, lease) => validateLease(lease),
};

/** Fields of coordinated leader election, which is off by default: only what is stored may be set. */
function dropCoordination({ spec }: Lease, old: Lease | undefined): void {
  for (const field of ['strategy', 'preferredHolder'] as const) {
    if (old?.spec[field] === undefined) delete spec[field];
  }
}
