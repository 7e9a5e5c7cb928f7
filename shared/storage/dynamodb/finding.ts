/** What a check of the table finds, and how it is repaired. */

/** A repair for a finding, where the table itself proves the correct state. */
export type Repair =
  /** Restore the object from the log entry of this revision. */
  | {
      readonly kind: 'fromLog';
      readonly key: string;
      readonly revision: number;
      readonly found: FoundRow | undefined;
    }
  /**
   * Put a break in place of the entry of this revision, of which only its objects are known: watches that come to it are
   * told to list anew, and nothing is lost.
   */
  | { readonly kind: 'break'; readonly revision: number; readonly parts: readonly string[] }
  /** Remove items that nothing refers to. */
  | { readonly kind: 'remove'; readonly pk: string; readonly sks: readonly string[] }
  /** Add the resource to the list of those that were written to. */
  | { readonly kind: 'list' }
  /** Advance the head, so that no revision up to this one is handed out again. */
  | { readonly kind: 'forward'; readonly revision: number };

export interface Finding {
  /** Description for an operator: what is wrong, and where. */
  readonly message: string;
  /** Absent: the table doesn't tell what is correct. */
  repair?: Repair | undefined;
}

/** The row found under a key; revision 0: none. */
export interface FoundRow {
  readonly revision: number;
  readonly isTombstone: boolean;
  readonly parts: number;
}
