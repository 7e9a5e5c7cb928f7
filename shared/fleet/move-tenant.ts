/**
 * The way of a tenant's data from one table to another. The directory's row says at every moment where the data is, and
 * where something of it may stand that is to be removed: whoever takes up what another process has left knows what to do.
 */

import type { TenantEntry, TenantRow } from './tenant-directory.ts';
import type { Check, TenantHost } from './tenant-host.ts';

/** Writes over the row, and returns what stands then; rejects if another has written meanwhile. */
type Put = (entry: TenantEntry, row: TenantRow) => Promise<TenantRow>;

export interface Move {
  readonly host: Pick<TenantHost, 'provision' | 'retire' | 'clear' | 'copy'>;
  readonly put: Put;
  /** Takes the row from whoever works on it: `put` of another, and what it asks by `checkOf`, rejects from then on. */
  readonly hold: Put;
  readonly checkOf: (row: TenantRow) => Check;
  /** Called before requests end. */
  readonly begin: () => Promise<void>;
}

/**
 * Returns the row, once all that the tenant has stored is in `table`, revisions and their log included: who watched goes
 * on where he was. The table is made while the tenant still serves; from there on nobody is served. What stands in the
 * former table is among the `leftovers` afterwards.
 */
export async function moveTenant(
  table: string,
  row: TenantRow,
  { host, put, hold, checkOf, begin }: Move,
): Promise<TenantRow> {
  const { leftovers } = row.entry;
  const target: TenantEntry = { ...row.entry, leftovers: [...without(table, leftovers), table] };
  const named = await put(target, row);
  await host.provision({ ...target, table });
  await begin();
  const { hasArrived: _, ...leaving } = target;
  const moving: TenantEntry = { ...leaving, state: 'Moving' };
  const held = await hold(moving, named);
  await host.retire(moving);
  // Of one that was never made whole there may be no table yet.
  await host.provision(moving);
  // A copy that was not ended may have what is gone by now.
  await host.clear({ ...moving, table }, checkOf(held));
  await host.copy(moving, table, checkOf(held));
  const former = [...without(table, leftovers), moving.table];
  return put({ ...moving, hasArrived: true, table, leftovers: former }, held);
}

/** Returns the row, once the tenant has nothing but in its table. */
export async function removeLeftovers(
  row: TenantRow,
  host: Pick<TenantHost, 'purge'>,
  put: Put,
): Promise<TenantRow> {
  const { leftovers, ...entry } = row.entry;
  for (const table of leftovers ?? []) await host.purge({ ...entry, table });
  return put(entry, row);
}

function without(table: string, tables: readonly string[] = []): string[] {
  return tables.filter((other) => other !== table);
}
