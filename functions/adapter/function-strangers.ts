/** `Strangers` of a deployed fleet. Loaded when first needed. */

import { signedBy } from '../../shared/fleet/own-credentials.ts';
import { Strangers } from '../../shared/fleet/strangers.ts';
import type { TenantEntry } from '../../shared/fleet/tenant-directory.ts';
import type { FunctionFleet } from './function-fleet.ts';
import { keysOfTenant } from './tenant-plane.ts';

export function strangersOf(fleet: FunctionFleet, placeholder: TenantEntry): Strangers {
  const { runtime, cipher } = fleet;
  return new Strangers({
    runtime,
    placeholder,
    signatures: (entry) => {
      const { table, close } = fleet.openTable(entry);
      return { signedBy: signedBy(keysOfTenant(table, entry.id, cipher), entry.endpoint), close };
    },
  });
}
