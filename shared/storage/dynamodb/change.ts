/** One revision of a resource's log, decoded. */

import type { StoredState } from '../stored-state.ts';

export type ChangeKind =
  | 'put'
  | 'delete'
  /** A revision that was taken and never written. */
  | 'noop'
  /** A revision of which can't be told whether it was ever written: nothing before it leads to what is after it. */
  | 'break';

export interface Change<T> {
  readonly revision: number;
  readonly kind: ChangeKind;
  /** '' for noop and break. */
  readonly key: string;
  /** No later than the moment the revision was taken, by the clock of who took it; 0: unknown. */
  readonly allocatedAt: number;
  readonly after?: StoredState<T> | undefined;
  readonly before?: StoredState<T> | undefined;
}

/** What stands in a resource's sequencer. */
export interface Head {
  /** The last revision handed out. */
  readonly next: number;
  /** The last allocation handed out the revisions above this one ... */
  readonly from: number;
  /** ... at this moment, by the clock of who took them. */
  readonly at: number;
  /** Every revision up to this one has its entry, and what it wrote is visible. */
  readonly resolved: number;
  /** No later than the moment `resolved` was taken. */
  readonly resolvedAt: number;
  /** Milliseconds of patience that a writer who was fenced asks of readers, for revisions up to `graceTo`. */
  readonly grace: number;
  readonly graceTo: number;
}

/** What stands under one key: a state, or the tombstone of one. */
export interface Row<T> {
  readonly key: string;
  readonly revision: number;
  /** Unset: a tombstone. */
  readonly state?: StoredState<T> | undefined;
}
