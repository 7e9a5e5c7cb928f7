/** The changes committed since an index was last updated. */

import { appendAll } from '../../util/append-all.ts';
import type { Head } from './heads.ts';
import type { ResourceContext } from './layout.ts';
import { type Change, isBreak, type RevisionLog } from './revision-log.ts';
import type { Marker } from './term-buckets.ts';

/** Beyond this distance, reading everything is cheaper. */
const MAX_BEHIND = 256;

export interface FollowedLog<T> {
  readonly log: RevisionLog<T>;
  readonly context: ResourceContext<T>;
}

/**
 * All changes committed after the marker, in order, of a log whose head was read later; undefined: there are too many
 * to apply to the index, or the log no longer has them.
 */
export async function changesAfter<T>(
  marker: Marker,
  head: Head,
  { log, context }: FollowedLog<T>,
): Promise<readonly Change<T>[] | undefined> {
  if (head.next <= marker.revision) return [];
  const { clock, protocol } = context;
  const isYoung = () => clock.now() - marker.at < protocol.youngMs;
  if (!isYoung() || head.next - marker.revision > MAX_BEHIND) return undefined;
  const changes: Change<T>[] = [];
  for (let after = marker.revision; after < Number.POSITIVE_INFINITY; ) {
    const page = await log.readAfter(after, { consistent: true });
    appendAll(changes, page.changes);
    after = page.through;
  }
  // A process frozen meanwhile may have read only entries that have not expired.
  return isYoung() && !changes.some(isBreak) ? changes : undefined;
}
