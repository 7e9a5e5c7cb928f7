/**
 * Moves a tenant's data from one table to another. The directory's row records at every moment where the data is, how
 * far a copy has come, and which tables may hold leftovers, so that any process can resume the work of another.
 */

import type { LeasedRow } from './leased-row.ts';
import type { TenantEntry, TenantRow } from './tenant-directory.ts';
import type { Removing, TenantHost } from './tenant-host.ts';

/** Runs the work while no other process works on the tenant; returns the row as it is afterwards. */
type RunExclusively = (row: TenantRow, work: (held: LeasedRow) => Promise<void>) => Promise<TenantRow>;

export interface Move {
  readonly host: Pick<TenantHost, 'provision' | 'retire' | 'clear' | 'copy'>;
  /** Overwrites the row and returns the new one; rejects if another process has written meanwhile. */
  readonly put: (entry: TenantEntry, row: TenantRow) => Promise<TenantRow>;
  readonly exclusively: RunExclusively;
  /** Called before the tenant stops serving. */
  readonly begin: () => Promise<void>;
}

/**
 * Returns the row once everything the tenant has stored is in `table`, including revisions and their log, so that
 * watches can resume. The table is created and emptied while the tenant still serves; from then until the end of the
 * copy no process serves it. The former table is then among the `leftovers`.
 */
export async function moveTenant(
  table: string,
  row: TenantRow,
  { host, put, exclusively, begin }: Move,
): Promise<TenantRow> {
  const { leftovers } = row.entry;
  const target: TenantEntry = { ...row.entry, leftovers: [...without(table, leftovers), table] };
  const named = await put(target, row);
  await host.provision({ ...target, table });
  return exclusively(named, async (held) => {
    if (held.entry.copied?.to !== table) {
      // An unfinished copy may hold items that were deleted since.
      await host.clear({ ...held.entry, table }, removing(held));
      await held.put({ ...held.entry, copied: { to: table } });
    }
    await begin();
    const { hasArrived: _, ...leaving } = held.entry;
    await held.put({ ...leaving, state: 'Moving' });
    // By then all earlier requests have ended, including those that cleared the table.
    if (!leaving.isRetired) await host.retire(held.entry);
    await held.put({ ...held.entry, isRetired: true });
    // A tenant that was never fully created may not have a table yet.
    await host.provision(held.entry);
    await host.copy(held.entry, table, {
      check: held.check,
      after: held.entry.copied?.after,
      onCopied: (after) => {
        held.setEntry({ ...held.entry, copied: { to: table, after } });
        held.progress = `${after.items} items copied`;
      },
    });
    const former = [...without(table, leftovers), held.entry.table];
    await held.put({ ...arrived(held.entry), table, leftovers: former });
  });
}

/** The entry after a move, or after a move that is no longer needed. */
export function arrived({ isRetired: _, copied: __, ...entry }: TenantEntry): TenantEntry {
  return { ...entry, hasArrived: true };
}

/** Options for a removal while the row is held. */
export function removing(held: LeasedRow): Removing {
  return {
    check: held.check,
    onRemoved: (items) => {
      held.progress = `${items} more items removed`;
    },
  };
}

/** Removes the tenant's leftovers from all tables but its own, and returns the row. */
export async function removeLeftovers(
  row: TenantRow,
  host: Pick<TenantHost, 'purge'>,
  exclusively: RunExclusively,
): Promise<TenantRow> {
  const { leftovers, ...entry } = row.entry;
  if (leftovers === undefined) return row;
  return exclusively(row, async (held) => {
    for (const table of leftovers) await host.purge({ ...entry, table }, removing(held));
    await held.put(entry);
  });
}

function without(table: string, tables: readonly string[] = []): string[] {
  return tables.filter((other) => other !== table);
}
