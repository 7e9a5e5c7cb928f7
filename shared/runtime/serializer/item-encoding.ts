import type { GroupVersionKind } from '../group-version.ts';
import type { RuntimeObject } from '../scheme.ts';

/** A list without its items: what it says of itself. */
export interface ListHead extends RuntimeObject {
  readonly metadata: object;
}

/**
 * Objects encoded one by one, in a form that all of a list, an answer of one and a watch event are joined from without
 * a look inside.
 */
export interface ItemEncoding {
  /** What an object is beside its kind. Throws `NotMarshalableError`. */
  item(object: RuntimeObject): Uint8Array;
  /** An object of the kind, as the serializer of the same media type encodes it. */
  single(kind: GroupVersionKind, item: Uint8Array): Uint8Array;
  /** A list; `itemKind`: what each item says of its kind, where items do so. */
  list(head: ListHead, items: readonly Uint8Array[], itemKind?: GroupVersionKind): Promise<Uint8Array>;
}
