import type { OutgoingResource } from '../../../shared/backup/outgoing-resources.ts';
import type { Skipped } from '../../../shared/backup/reason-counts.ts';

/** The target of an export. */
export interface ExportTarget {
  /** Called with resources in dependency order. */
  take(resource: OutgoingResource): Promise<void>;
  /** Called after the last. Resolves with a message for the user. */
  finish(): Promise<string>;
}

/** Reports objects that a target can't take unchanged. */
export interface ExportReport {
  /** Objects that are skipped. */
  readonly skipped: Skipped;
  /** Objects that are changed. */
  readonly changed: Skipped;
}
