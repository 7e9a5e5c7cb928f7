/** Selection criteria of a list or watch, independent of selector syntax. */

import type { KubeObject } from '../meta/kube-object.ts';
import { ownText, ownTexts } from '../util/own-text.ts';

/** The attributes of an object that selectors apply to. */
export interface SelectionAttributes {
  readonly labels: Readonly<Record<string, string>>;
  readonly fields: Readonly<Record<string, string>>;
  /** Used for sharding lists and watches. */
  readonly uid: string;
  readonly namespace: string;
}

/** Attributes of an object with the given selectable fields. */
export function selectionAttributes(
  { metadata }: Pick<KubeObject, 'metadata'>,
  fields: SelectionAttributes['fields'],
): SelectionAttributes {
  const { labels = {}, namespace = '', uid = '' } = metadata;
  // Copied, because they outlive the object, and substrings would keep its whole text in memory.
  return {
    labels: ownTexts(labels),
    fields: ownTexts(fields),
    namespace: ownText(namespace),
    uid: ownText(uid),
  };
}

/**
 * Upstream's `storage.SelectionPredicate`, reduced to what a store needs. `metadataName` is set if the fields select
 * one name, so that a store can read one key in place of a range.
 */
export interface SelectionPredicate {
  matches(attributes: SelectionAttributes): boolean;
  readonly metadataName?: string | undefined;
  readonly metadataNamespace?: string | undefined;
}
