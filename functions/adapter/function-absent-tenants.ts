/** `AbsentTenants` of a deployed fleet. Loaded when first needed. */

import { AbsentTenants } from '../../shared/fleet/absent-tenants.ts';
import { signedBy } from '../../shared/fleet/own-credentials.ts';
import type { TenantEntry } from '../../shared/fleet/tenant-directory.ts';
import type { FunctionFleet } from './function-fleet.ts';
import { keysOfTenant } from './tenant-plane.ts';

export function absentTenantsOf(fleet: FunctionFleet, placeholder: TenantEntry): AbsentTenants {
  const { runtime, cipher } = fleet;
  return new AbsentTenants({
    runtime,
    placeholder,
    signatures: (entry) => {
      const { table, close } = fleet.openTable(entry);
      return { signedBy: signedBy(keysOfTenant(table, entry.id, cipher), entry.endpoint), close };
    },
  });
}
