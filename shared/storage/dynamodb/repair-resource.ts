/** Repairs findings of `checkResource`, where the table proves the correct state. */

import type { Condition, TransactedWrite } from './dynamodb-table.ts';
import type { Repair } from './finding.ts';
import { objectItems } from './intent.ts';
import type { ResourceContext } from './layout.ts';
import { encodePart, logOf, partsOf } from './layout.ts';
import { retry } from './retry.ts';
import { RevisionLog } from './revision-log.ts';

export interface RepairAccess<T> {
  readonly context: ResourceContext<T>;
  /** Advances the head to this revision. */
  readonly forward: (revision: number) => Promise<void>;
}

/** Rejects if an item has changed since the check: no server may write to the resource. */
export async function repairResource<T>(access: RepairAccess<T>, repair: Repair): Promise<void> {
  const { context } = access;
  const { table } = context;
  if (repair.kind === 'forward') return access.forward(repair.revision);
  if (repair.kind === 'remove') {
    const { pk } = repair;
    for (const sk of repair.sks) await retry(context, () => table.write({ delete: { pk, sk } }));
    return;
  }
  if (repair.kind === 'list') return context.written.list(context.config.resourcePrefix);
  if (repair.kind === 'break') return breakLog(context, repair);
  const { key, revision, found } = repair;
  const change = await new RevisionLog(context).read(revision);
  if (change === undefined) throw new Error(`the log's revision ${revision} is gone meanwhile`);
  const { after } = change;
  const { object, parts } = await objectItems(context, {
    ...{ key, revision, bytes: after?.bytes, expiresAt: after?.expiresAt },
  });
  const { resourcePrefix } = context.config;
  const kept = new Set(parts.map(({ sk }) => sk));
  const { parts: count, revision: former } = found ?? { parts: 0, revision };
  const dropped = Array.from({ length: count }, (_, part) => encodePart(former, part));
  const writes: readonly TransactedWrite[] = [
    { put: object, condition: found && conditionOf(found) },
    ...parts.map((put) => ({ put })),
    ...dropped.filter((sk) => !kept.has(sk)).map((sk) => ({ delete: { pk: partsOf(resourcePrefix), sk } })),
  ];
  const { clock, protocol } = context;
  await retry(context, () => table.transact(writes, { notAfter: clock.now() + protocol.maxHoldMs }));
}

/** Its parts go first: without them, the entry is no more readable than it was. */
async function breakLog<T>(
  context: ResourceContext<T>,
  { revision, parts }: Repair & { readonly kind: 'break' },
): Promise<void> {
  const { table } = context;
  const pk = logOf(context.config.resourcePrefix);
  for (const sk of parts) await retry(context, () => table.write({ delete: { pk, sk } }));
  const put = new RevisionLog(context).fillItem(revision, 'break', 0);
  await retry(context, () => table.write({ put }));
}

/** Condition that the item has not changed. */
function conditionOf({
  revision,
  isTombstone,
}: {
  readonly revision: number;
  readonly isTombstone: boolean;
}): Condition {
  if (revision === 0) return { kind: 'absent' };
  return { kind: isTombstone ? 'tombstone' : 'revision', rv: revision };
}
