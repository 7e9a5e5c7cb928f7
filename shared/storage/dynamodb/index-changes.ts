/** What was committed since an index was brought up to the log. */

import { appendAll } from '../../util/append-all.ts';
import type { Protocol } from './protocol.ts';
import { type Change, isBreak, type RevisionLog } from './revision-log.ts';
import type { Head } from './sequencer.ts';
import type { Marker } from './term-buckets.ts';

/** Who is further behind had better read everything. */
const MAX_BEHIND = 256;

/** Whether the log still tells of all that came after the marker, and of little enough to lay it over. */
export function canFollow(
  marker: Marker,
  head: Head,
  { now, protocol }: { readonly now: number; readonly protocol: Protocol },
): boolean {
  return now - marker.at < protocol.youngMs && head.next - marker.revision <= MAX_BEHIND;
}

/** Everything committed above `revision`, in order; undefined: nobody can tell any more. */
export async function changesAfter<T>(
  log: RevisionLog<T>,
  revision: number,
): Promise<readonly Change<T>[] | undefined> {
  const changes: Change<T>[] = [];
  for (let after = revision; after < Number.POSITIVE_INFINITY; ) {
    const page = await log.readAfter(after, { consistent: true });
    appendAll(changes, page.changes);
    after = page.through;
  }
  return changes.some(isBreak) ? undefined : changes;
}
