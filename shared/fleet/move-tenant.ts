/**
 * The way of a tenant's data from one table to another. The directory's row says at every moment where the data is, how
 * far a copy is, and where something may stand that is to be removed: whoever takes up what another process has left
 * goes on from there.
 */

import type { HeldRow } from './held-row.ts';
import type { TenantEntry, TenantRow } from './tenant-directory.ts';
import type { Removing, TenantHost } from './tenant-host.ts';

/** Does the work while no other process does any on the tenant; returns the row as it is then. */
type Alone = (row: TenantRow, work: (held: HeldRow) => Promise<void>) => Promise<TenantRow>;

export interface Move {
  readonly host: Pick<TenantHost, 'provision' | 'retire' | 'clear' | 'copy'>;
  /** Writes over the row, and returns what stands then; rejects if another has written meanwhile. */
  readonly put: (entry: TenantEntry, row: TenantRow) => Promise<TenantRow>;
  readonly alone: Alone;
  /** Called before requests end. */
  readonly begin: () => Promise<void>;
}

/**
 * Returns the row, once all that the tenant has stored is in `table`, revisions and their log included: who watched goes
 * on where he was. The table is made and emptied while the tenant still serves; from there on nobody is served. What stands in the
 * former table is among the `leftovers` afterwards.
 */
export async function moveTenant(
  table: string,
  row: TenantRow,
  { host, put, alone, begin }: Move,
): Promise<TenantRow> {
  const { leftovers } = row.entry;
  const target: TenantEntry = { ...row.entry, leftovers: [...without(table, leftovers), table] };
  const named = await put(target, row);
  await host.provision({ ...target, table });
  return alone(named, async (held) => {
    if (held.entry.copied?.to !== table) {
      // A copy that was not ended may have what is gone by now.
      await host.clear({ ...held.entry, table }, removing(held));
      await held.put({ ...held.entry, copied: { to: table } });
    }
    await begin();
    const { hasArrived: _, ...leaving } = held.entry;
    await held.put({ ...leaving, state: 'Moving' });
    // Whatever was asked for before is over by then, what was to clear the table too.
    if (!leaving.isRetired) await host.retire(held.entry);
    await held.put({ ...held.entry, isRetired: true });
    // Of one that was never made whole there may be no table yet.
    await host.provision(held.entry);
    await host.copy(held.entry, table, {
      check: held.check,
      after: held.entry.copied?.after,
      onCopied: (after) => {
        held.note({ ...held.entry, copied: { to: table, after } });
        held.progress = `${after.items} items copied`;
      },
    });
    const former = [...without(table, leftovers), held.entry.table];
    await held.put({ ...arrived(held.entry), table, leftovers: former });
  });
}

/** Of one that moved, or needn't move any more. */
export function arrived({ isRetired: _, copied: __, ...entry }: TenantEntry): TenantEntry {
  return { ...entry, hasArrived: true };
}

/** What is removed while somebody holds the row. */
export function removing(held: HeldRow): Removing {
  return {
    check: held.check,
    onRemoved: (items) => {
      held.progress = `${items} more items removed`;
    },
  };
}

/** Returns the row, once the tenant has nothing but in its table. */
export async function removeLeftovers(
  row: TenantRow,
  host: Pick<TenantHost, 'purge'>,
  alone: Alone,
): Promise<TenantRow> {
  const { leftovers, ...entry } = row.entry;
  if (leftovers === undefined) return row;
  return alone(row, async (held) => {
    for (const table of leftovers) await host.purge({ ...entry, table }, removing(held));
    await held.put(entry);
  });
}

function without(table: string, tables: readonly string[] = []): string[] {
  return tables.filter((other) => other !== table);
}
