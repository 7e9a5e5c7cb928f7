/** Removes or copies all items of a tenant. Both may be interrupted at any moment and resumed. */

import { isDeepStrictEqual } from 'node:util';
import { type Clock, systemClock } from '../../util/clock.ts';
import { forEachConcurrent } from '../../util/for-each-concurrent.ts';
import { type Item, isTableError, type Page } from './dynamodb-table.ts';
import { FIRST_KEY, LAST_KEY } from './layout.ts';
import { retryTableCall } from './retry-table-call.ts';
import type { TenantTable } from './tenant-table.ts';

/** The last item of the last page that was copied, and the number of items copied so far. */
export interface CopiedTo {
  readonly pk: string;
  readonly sk: string;
  readonly items: number;
}

export interface PurgeOptions {
  /** Called after each page with the number of items removed so far. */
  readonly onRemoved?: ((items: number) => void) | undefined;
  readonly clock?: Clock | undefined;
}

export interface CopyOptions {
  /** Progress of an earlier run, to resume from. */
  readonly after?: CopiedTo | undefined;
  /** Called after each page: everything up to this position is copied, durably. */
  readonly onCopied?: ((to: CopiedTo) => void) | undefined;
  readonly clock?: Clock | undefined;
}

/** Items per page, and concurrent calls. */
const PAGE = 500;
const AT_ONCE = 25;

/** Removes all items of a tenant; if interrupted, run it again. Rejects with `TableError`. */
export async function purgeTenant(
  table: TenantTable,
  { onRemoved, clock = systemClock }: PurgeOptions = {},
): Promise<void> {
  let removed = 0;
  for (const pk of await table.partitions(clock)) {
    for await (const { items } of pagesOf(table, pk, { clock })) {
      await forEachConcurrent(items, AT_ONCE, ({ sk }) =>
        retryTableCall(() => table.write({ delete: { pk, sk } }), clock),
      );
      removed += items.length;
      if (items.length > 0) onRemoved?.(removed);
    }
  }
}

/**
 * Copies all items of a tenant to a place that holds at most items copied by an earlier run. The source must not be
 * written to meanwhile. Rejects with `TableError`.
 */
export async function copyTenant(
  from: TenantTable,
  to: TenantTable,
  { after, onCopied, clock = systemClock }: CopyOptions = {},
): Promise<void> {
  // In reverse, so that the partition that lists the others is copied first.
  const all = (await from.partitions(clock)).reverse();
  const begin = all.indexOf(after?.pk ?? '');
  let copied = begin < 0 ? 0 : after!.items;
  for (const pk of all.slice(Math.max(0, begin))) {
    const startAfter = pk === after?.pk ? after.sk : undefined;
    for await (const { items } of pagesOf(from, pk, { clock, startAfter })) {
      await forEachConcurrent(items, AT_ONCE, (item) => put(to, item, clock));
      copied += items.length;
      const last = items.at(-1);
      if (last !== undefined) onCopied?.({ pk, sk: last.sk, items: copied });
    }
  }
}

/** Conditional, so that a request that arrives minutes late finds the item in place, and doesn't undo later changes. */
async function put(to: TenantTable, item: Item, clock: Clock): Promise<void> {
  try {
    await retryTableCall(() => to.write({ put: item, condition: { kind: 'absent' } }), clock);
  } catch (error) {
    if (!isTableError(error, 'ConditionFailed')) throw error;
    if (isDeepStrictEqual(error.item, item)) return;
    // A consistent read: a process that is late itself finds another's item here.
    const existing = await to.get(item, { consistent: true });
    if (!isDeepStrictEqual(existing, item)) throw new Error(`a different ${item.pk} ${item.sk} exists`);
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
    const page = await retryTableCall(() => table.query(query), clock);
    yield page;
    startAfter = page.lastKey;
  } while (startAfter !== undefined);
}
