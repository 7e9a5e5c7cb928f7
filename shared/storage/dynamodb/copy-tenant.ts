/** All that a tenant has in a table, removed or copied: work that may be left at any moment, and is gone on with. */

import { isDeepStrictEqual } from 'node:util';
import { type Clock, systemClock } from '../../util/clock.ts';
import { eachAtOnce } from '../../util/each-at-once.ts';
import { type Item, isTableError, type Page } from './dynamodb-table.ts';
import { FIRST_KEY, LAST_KEY } from './layout.ts';
import { patiently } from './patiently.ts';
import type { TenantTable } from './tenant-table.ts';

/** The last item of a page that was copied, and how many were by then. */
export interface CopiedTo {
  readonly pk: string;
  readonly sk: string;
  readonly items: number;
}

export interface PurgeOptions {
  /** Called after each page, with how many items are gone by then. */
  readonly onRemoved?: ((items: number) => void) | undefined;
  readonly clock?: Clock | undefined;
}

export interface CopyOptions {
  /** What was copied before: it goes on there. */
  readonly after?: CopiedTo | undefined;
  /** Called after each page: all before that place is there, and stays. */
  readonly onCopied?: ((to: CopiedTo) => void) | undefined;
  readonly clock?: Clock | undefined;
}

/** Items whose fate is told together, and calls at a time. */
const PAGE = 500;
const AT_ONCE = 25;

/** Removes all that is a tenant's; killed on its way, it is run again. Rejects with `TableError`. */
export async function purgeTenant(
  table: TenantTable,
  { onRemoved, clock = systemClock }: PurgeOptions = {},
): Promise<void> {
  let removed = 0;
  for (const pk of await table.partitions(clock)) {
    for await (const { items } of pagesOf(table, pk, { clock })) {
      await eachAtOnce(items, AT_ONCE, ({ sk }) =>
        patiently(() => table.write({ delete: { pk, sk } }), clock),
      );
      removed += items.length;
      if (items.length > 0) onRemoved?.(removed);
    }
  }
}

/**
 * Copies all that is a tenant's, which nobody may write to meanwhile, to where it has nothing but what an earlier run
 * has copied of the same. Rejects with `TableError`.
 */
export async function copyTenant(
  from: TenantTable,
  to: TenantTable,
  { after, onCopied, clock = systemClock }: CopyOptions = {},
): Promise<void> {
  // From the last on: what lists the others comes first.
  const all = (await from.partitions(clock)).reverse();
  const begin = all.indexOf(after?.pk ?? '');
  let copied = begin < 0 ? 0 : after!.items;
  for (const pk of all.slice(Math.max(0, begin))) {
    const startAfter = pk === after?.pk ? after.sk : undefined;
    for await (const { items } of pagesOf(from, pk, { clock, startAfter })) {
      await eachAtOnce(items, AT_ONCE, (item) => put(to, item, clock));
      copied += items.length;
      const last = items.at(-1);
      if (last !== undefined) onCopied?.({ pk, sk: last.sk, items: copied });
    }
  }
}

/** A request that is minutes late finds the item in its way, and undoes nothing of what became of that since. */
async function put(to: TenantTable, item: Item, clock: Clock): Promise<void> {
  try {
    await patiently(() => to.write({ put: item, condition: { kind: 'absent' } }), clock);
  } catch (error) {
    if (!isTableError(error, 'ConditionFailed')) throw error;
    if (isDeepStrictEqual(error.item, item)) return;
    // Whoever is late himself hears that it is another's by now.
    const standing = await to.get(item, { consistent: true });
    if (!isDeepStrictEqual(standing, item)) throw new Error(`another ${item.pk} ${item.sk} is there`);
  }
}

async function* pagesOf(
  table: TenantTable,
  pk: string,
  { clock, startAfter: begin }: { readonly clock: Clock; readonly startAfter?: string | undefined },
): AsyncGenerator<Page> {
  let startAfter = begin;
  do {
    const query = { pk, from: FIRST_KEY, to: LAST_KEY, startAfter, limit: PAGE, consistent: true };
    const page = await patiently(() => table.query(query), clock);
    yield page;
    startAfter = page.lastKey;
  } while (startAfter !== undefined);
}
