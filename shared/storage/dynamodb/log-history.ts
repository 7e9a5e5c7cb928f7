/** What a log still has of its past. */

import { StorageError } from '../errors.ts';
import type { ResourceContext } from './layout.ts';
import type { Change, RevisionLog } from './revision-log.ts';

export interface HistoryRange {
  readonly after: number;
  readonly through: number;
  /** Whether it is to be laid over a state that was read: what came before a break doesn't matter then, nor its age. */
  readonly acrossBreaks: boolean;
  /** Whether nothing of it was read before: what begins may not be older than the log is served for. */
  readonly first: boolean;
}

/**
 * A page of the writes in (`after`, `through`], in order; the page tells of every revision up to its own `through`.
 * Throws Expired where the log does not have them all.
 */
export async function readHistory<T>(
  { context, log }: { readonly context: ResourceContext<T>; readonly log: RevisionLog<T> },
  { after, through, acrossBreaks, first }: HistoryRange,
): Promise<{ writes: readonly Change<T>[]; through: number }> {
  const { changes } = await log.readAfter(after, { consistent: true });
  const writes: Change<T>[] = [];
  let cursor = after;
  for (const change of changes) {
    if (change.revision > through) break;
    if (change.revision !== cursor + 1 || (isBreak(change) && !acrossBreaks)) throw expired();
    cursor = change.revision;
    if (isWrite(change)) writes.push(change);
  }
  const [oldest] = writes;
  const servedFrom = context.clock.now() - context.protocol.retentionMs;
  const tooOld = first && !acrossBreaks && oldest !== undefined && oldest.allocatedAt < servedFrom;
  if (cursor === after || tooOld) throw expired();
  return { writes, through: cursor };
}

export function isWrite<T>({ kind }: Change<T>): boolean {
  return kind === 'put' || kind === 'delete';
}

export function isBreak<T>({ kind }: Change<T>): boolean {
  return kind === 'break';
}

export function expired(): StorageError {
  return new StorageError('Expired', 'The resourceVersion for the provided watch is too old.');
}
