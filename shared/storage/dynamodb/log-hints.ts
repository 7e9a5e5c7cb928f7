/**
 * Word from process to process that a log grows, so that who watches it need not look all the time. Word may be late, come
 * twice, or be lost: then a log is looked at later, and nothing else.
 */

/** Of one log. */
export interface LogHints {
  /** Says that revisions up to this one are being written. Never rejects, and takes a moment at most. */
  leave(revision: number): Promise<void>;
  /**
   * `hear` is called with revisions that others said are being written, maybe before they are; undefined: word may have
   * been missed. Until the function returned is called. Absent: nothing is heard here.
   */
  readonly listen?: ((hear: (revision: number | undefined) => void) => () => void) | undefined;
}

/** The hints of a resource's log; undefined: nobody says anything of it. */
export type HintsOf = (resourcePrefix: string) => LogHints | undefined;
