import type { UnstructuredObject } from '../../../meta/kube-object.ts';
import type { ObjectForms } from '../../../storage/object-forms.ts';
import type { StoredObject } from '../../../storage/storage.ts';
import { customResourceCodec } from './custom-resource-codec.ts';

/** A stored object as one version shows it; worked out when it is looked at. */
export class VersionedObject implements StoredObject<UnstructuredObject> {
  readonly stored: StoredObject<UnstructuredObject>;
  readonly #convert: (object: UnstructuredObject) => UnstructuredObject;
  #bytes: Uint8Array | undefined;

  /** `convert` owns what it is given, and may return the same each time. */
  constructor(
    stored: StoredObject<UnstructuredObject>,
    convert: (object: UnstructuredObject) => UnstructuredObject,
  ) {
    this.stored = stored;
    this.#convert = convert;
  }

  get key(): string {
    return this.stored.key;
  }

  get resourceVersion(): number {
    return this.stored.resourceVersion;
  }

  get bytes(): Uint8Array {
    if (this.#bytes === undefined) {
      const object = this.#convert(this.stored.object());
      const bytes = customResourceCodec.encode(object, this.resourceVersion);
      // Most objects are stored as they are shown: one copy is enough.
      this.#bytes = Buffer.compare(bytes, this.stored.bytes) === 0 ? this.stored.bytes : bytes;
    }
    return this.#bytes;
  }

  get forms(): ObjectForms | undefined {
    return this.stored.forms;
  }

  object(): UnstructuredObject {
    return customResourceCodec.decode(this.bytes);
  }

  objectInPieces(): Promise<UnstructuredObject> {
    return customResourceCodec.decodeInPieces!(this.bytes);
  }
}
