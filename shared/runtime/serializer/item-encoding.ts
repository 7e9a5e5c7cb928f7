import type { GroupVersionKind } from '../group-version.ts';
import type { RuntimeObject } from '../scheme.ts';

/** A list without its items. */
export interface ListHead extends RuntimeObject {
  readonly metadata: object;
}

/**
 * Encodes objects individually, in a form from which lists, single objects and watch events can be assembled without
 * decoding.
 */
export interface ItemEncoding {
  /** Encodes an object without its kind. Throws `NotMarshalableError`. */
  item(object: RuntimeObject): Uint8Array;
  /** An object of the kind, in the encoding of the media type's serializer. */
  single(kind: GroupVersionKind, item: Uint8Array): Uint8Array;
  /** A list. `itemKind` is the kind written into each item, if items include it. */
  list(head: ListHead, items: readonly Uint8Array[], itemKind?: GroupVersionKind): Promise<Uint8Array>;
}
