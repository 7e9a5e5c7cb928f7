import type { OutgoingResource } from '../../../shared/backup/outgoing-resources.ts';
import type { Skipped } from '../../../shared/backup/reason-counts.ts';

/** Where an export goes. */
export interface ExportTarget {
  /** Resources come in the order of dependency. */
  take(resource: OutgoingResource): Promise<void>;
  /** After the last. Resolves with what to tell the user. */
  finish(): Promise<string>;
}

/** Told of what a target can't do as it was. */
export interface ExportReport {
  /** Objects that are not taken. */
  readonly skipped: Skipped;
  /** Objects that are taken, but not as they were. */
  readonly changed: Skipped;
}
