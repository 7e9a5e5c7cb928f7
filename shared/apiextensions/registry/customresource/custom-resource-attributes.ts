import type { UnstructuredObject } from '../../../meta/kube-object.ts';
import type { SelectionAttributes } from '../../../storage/selection-predicate.ts';
import { ownText, ownTexts } from '../../../util/own-text.ts';
import { bytesOf } from './custom-resource-codec.ts';

/** Values by field label. */
export type Fields = Readonly<Record<string, string>>;

/**
 * What a stored custom resource is selected by. Which of its fields can be selected is up to the version that a
 * request speaks, and changes with the definition: they are read from the bytes when somebody asks.
 */
export class CustomResourceAttributes implements SelectionAttributes {
  readonly labels: Readonly<Record<string, string>>;
  readonly fields: Fields;
  readonly uid: string;
  readonly namespace: string;
  readonly #bytes: Uint8Array;
  readonly #fieldsOf = new WeakMap<object, Fields>();

  /** `object`: as the codec decoded it. */
  constructor(object: UnstructuredObject) {
    const { labels, name, namespace = '', uid = '' } = object.metadata;
    // They are kept for longer than the object, whose text they are parts of.
    this.labels = ownTexts(labels ?? {});
    this.fields = ownTexts({ 'metadata.name': name ?? '', 'metadata.namespace': namespace });
    this.uid = ownText(uid);
    this.namespace = ownText(namespace);
    this.#bytes = bytesOf(object)!;
  }

  /** The fields as `reader` sees them; read once for each. */
  fieldsBy(reader: object, read: (bytes: Uint8Array) => Fields): Fields {
    let fields = this.#fieldsOf.get(reader);
    if (fields === undefined) {
      fields = read(this.#bytes);
      this.#fieldsOf.set(reader, fields);
    }
    return fields;
  }
}
