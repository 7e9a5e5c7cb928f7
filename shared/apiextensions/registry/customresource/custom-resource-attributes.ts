import type { UnstructuredObject } from '../../../meta/kube-object.ts';
import type { SelectionAttributes } from '../../../storage/selection-predicate.ts';
import { ownText, ownTexts } from '../../../util/own-text.ts';
import { bytesOf } from './custom-resource-codec.ts';

/** Values by field label. */
export type Fields = Readonly<Record<string, string>>;

/**
 * Selection attributes of a stored custom resource. Selectable fields depend on the version of the request and on the
 * definition, so they are read from the bytes on demand.
 */
export class CustomResourceAttributes implements SelectionAttributes {
  readonly labels: Readonly<Record<string, string>>;
  readonly fields: Fields;
  readonly uid: string;
  readonly namespace: string;
  readonly #bytes: Uint8Array;
  readonly #fieldsOf = new WeakMap<object, Fields>();

  /** `object` must have been decoded by the codec. */
  constructor(object: UnstructuredObject) {
    const { labels, name, namespace = '', uid = '' } = object.metadata;
    // Copied, because they outlive the object, and substrings would retain its whole text.
    this.labels = ownTexts(labels ?? {});
    this.fields = ownTexts({ 'metadata.name': name ?? '', 'metadata.namespace': namespace });
    this.uid = ownText(uid);
    this.namespace = ownText(namespace);
    this.#bytes = bytesOf(object)!;
  }

  /** The fields according to `reader`, cached per reader. */
  fieldsBy(reader: object, read: (bytes: Uint8Array) => Fields): Fields {
    let fields = this.#fieldsOf.get(reader);
    if (fields === undefined) {
      fields = read(this.#bytes);
      this.#fieldsOf.set(reader, fields);
    }
    return fields;
  }
}
