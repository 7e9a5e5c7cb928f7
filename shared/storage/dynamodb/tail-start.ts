/** Where a process that knows nothing of a log begins to follow it. */

import type { Head } from './heads.ts';
import type { ResourceContext } from './layout.ts';
import { type Change, isWrite, type RevisionLog } from './revision-log.ts';
import type { LogPoint } from './sightings.ts';

export interface TailStart<T> {
  /** Every revision up to here is decided, and visible to all. */
  readonly base: LogPoint;
  /** Up to where the head tells the same. */
  readonly published: number;
  /** What is known above `base`, in order, and perhaps with holes; undefined: the log was not read, only the head. */
  readonly changes: readonly Change<T>[] | undefined;
}

/** As late as can be shown to be safe: at what the head tells, or after what is so old that nothing before it moves. */
export async function startOfTail<T>(
  head: Head,
  { context, log }: { readonly context: ResourceContext<T>; readonly log: RevisionLog<T> },
): Promise<TailStart<T>> {
  const deadBefore = context.clock.now() - context.protocol.deadAfterMs;
  const published = head.resolved;
  if (head.at < deadBefore) {
    return { base: { position: head.next, bound: head.at }, published, changes: undefined };
  }
  // Entries from before such a write may be gone; they need not be read.
  const old = (change: Change<T>) => isWrite(change) && change.allocatedAt < deadBefore;
  const changes = await log.readNewest(head.resolved, old);
  let base: LogPoint = { position: head.resolved, bound: head.resolvedAt };
  for (const { revision, allocatedAt } of changes.filter(old)) {
    base = { position: revision, bound: Math.max(base.bound, allocatedAt) };
  }
  return { base, published, changes };
}
