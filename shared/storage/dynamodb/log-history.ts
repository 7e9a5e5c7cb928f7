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
  if (cursor === after) throw expired();
  if (first && !acrossBreaks) checkAge(context, writes);
  return { writes, through: cursor };
}

/** Throws Expired if the first write among `changes` is older than the log is served for. */
export function checkAge<T>({ clock, protocol }: ResourceContext<T>, changes: readonly Change<T>[]): void {
  const oldest = changes.find(isWrite);
  if (oldest !== undefined && oldest.allocatedAt < clock.now() - protocol.retentionMs) throw expired();
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
