/** Determines where a process that knows nothing of a log starts to follow it. */

import type { Head } from './heads.ts';
import type { ResourceContext } from './layout.ts';
import { type Change, isWrite, type RevisionLog } from './revision-log.ts';
import type { LogPoint } from './visibility-tracker.ts';

export interface TailStart<T> {
  /** Every revision up to here is decided, and visible to all. */
  readonly base: LogPoint;
  /** The `resolved` of the head. */
  readonly published: number;
  /** The known changes above `base`, in order, perhaps with holes; undefined: only the head was read. */
  readonly changes: readonly Change<T>[] | undefined;
}

/**
 * The latest start that is provably safe: at the head's `resolved`, or after an entry so old that everything before it
 * is decided.
 */
export async function startOfTail<T>(
  head: Head,
  { context, log }: { readonly context: ResourceContext<T>; readonly log: RevisionLog<T> },
): Promise<TailStart<T>> {
  const deadBefore = context.clock.now() - context.protocol.deadAfterMs;
  const published = head.resolved;
  if (head.at < deadBefore) {
    return { base: { position: head.next, bound: head.at }, published, changes: undefined };
  }
  // Entries before such a write may be gone; they need not be read.
  const old = (change: Change<T>) => isWrite(change) && change.allocatedAt < deadBefore;
  const changes = await log.readNewest(head.resolved, old);
  let base: LogPoint = { position: head.resolved, bound: head.resolvedAt };
  for (const { revision, allocatedAt } of changes.filter(old)) {
    base = { position: revision, bound: Math.max(base.bound, allocatedAt) };
  }
  return { base, published, changes };
}
