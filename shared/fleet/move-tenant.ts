/**
 * The way of a tenant's data from one table to another. The directory's row says at every moment where the data is, and
 * where something of it may stand that is to be removed: whoever takes up what another process has left knows what to do.
 */

import type { TenantEntry, TenantRow } from './tenant-directory.ts';
import type { TenantHost } from './tenant-host.ts';

/** Writes over the row, and returns what stands then; rejects if another has written meanwhile. */
type Put = (entry: TenantEntry, row: TenantRow) => Promise<TenantRow>;

type Host = Pick<TenantHost, 'provision' | 'retire' | 'copy' | 'purge'>;

/**
 * Returns the row, once all that the tenant has stored is in `table`, revisions and their log included: who watched goes
 * on where he was. Nobody is served meanwhile. What stands in the former table is among the `leftovers` from then on.
 */
export async function moveTenant(table: string, row: TenantRow, host: Host, put: Put): Promise<TenantRow> {
  const { leftovers = [] } = row.entry;
  const moving: TenantEntry = {
    ...row.entry,
    state: 'Moving',
    leftovers: [...without(table, leftovers), table],
  };
  const held = await put(moving, row);
  await host.retire(moving);
  // Of one that was never made whole there may be no table yet.
  await host.provision(moving);
  // A copy that was not ended may have what is gone by now.
  await removeTenant(moving, table, host);
  await host.provision({ ...moving, table });
  await host.copy(moving, table);
  return put({ ...moving, table, leftovers: [...without(table, leftovers), moving.table] }, held);
}

/** Returns the row, once the tenant has nothing but in its table. */
export async function removeLeftovers(row: TenantRow, host: Host, put: Put): Promise<TenantRow> {
  const { leftovers, ...entry } = row.entry;
  for (const table of leftovers ?? []) await removeTenant(entry, table, host);
  return put(entry, row);
}

/** Removes all that a tenant has in a table, which may be gone already. */
export async function removeTenant(entry: TenantEntry, table: string, host: Host): Promise<void> {
  const there = { ...entry, table };
  await host.provision(there);
  await host.purge(there);
}

function without(table: string, tables: readonly string[]): string[] {
  return tables.filter((other) => other !== table);
}
