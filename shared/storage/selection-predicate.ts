/** What a list or watch selects by, kept apart from how selectors are written. */

/** The labels and selectable fields of one object. */
export interface SelectionAttributes {
  readonly labels: Readonly<Record<string, string>>;
  readonly fields: Readonly<Record<string, string>>;
}

/**
 * Upstream's `storage.SelectionPredicate`, reduced to what a store may ask of it.
 * `metadataName` is set when the fields pin one name, so that a store can read one key in place of a range.
 */
export interface SelectionPredicate {
  matches(attributes: SelectionAttributes): boolean;
  readonly metadataName?: string | undefined;
  readonly metadataNamespace?: string | undefined;
}
