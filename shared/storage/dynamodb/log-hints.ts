/**
 * Notifications between processes that a log grows, so that watchers need not poll all the time. A hint may be late,
 * duplicated, or lost: the log is then polled later, with no other effect.
 */

/** The hints of one log. */
export interface LogHints {
  /** Announces that revisions up to this one are being written. Never rejects, and takes little time. */
  publish(revision: number): Promise<void>;
  /**
   * Calls `onHint` with revisions that other processes announced, perhaps before they are written; undefined: hints may
   * have been missed. Returns a function that stops this. Absent: hints are not read here.
   */
  readonly listen?: ((onHint: (revision: number | undefined) => void) => () => void) | undefined;
}

/** The hints of a resource's log; undefined: it has none. */
export type HintsOf = (resourcePrefix: string) => LogHints | undefined;
