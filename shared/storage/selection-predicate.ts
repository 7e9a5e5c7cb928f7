/** What a list or watch selects by, kept apart from how selectors are written. */

import type { KubeObject } from '../meta/kube-object.ts';
import { ownText, ownTexts } from '../util/own-text.ts';

/** What of one object is selected by. */
export interface SelectionAttributes {
  readonly labels: Readonly<Record<string, string>>;
  readonly fields: Readonly<Record<string, string>>;
  /** By which lists and watches are split. */
  readonly uid: string;
  readonly namespace: string;
}

/** Of an object whose selectable fields are given. */
export function selectionAttributes(
  { metadata }: Pick<KubeObject, 'metadata'>,
  fields: SelectionAttributes['fields'],
): SelectionAttributes {
  const { labels = {}, namespace = '', uid = '' } = metadata;
  // They are kept for longer than the object, whose text they are parts of.
  return {
    labels: ownTexts(labels),
    fields: ownTexts(fields),
    namespace: ownText(namespace),
    uid: ownText(uid),
  };
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
