import type { UnstructuredObject } from '../../../meta/kube-object.ts';
import type { ObjectForms } from '../../../storage/object-forms.ts';
import type { StoredObject } from '../../../storage/storage.ts';
import { customResourceCodec } from './custom-resource-codec.ts';

/** Takes ownership of its argument. */
type Convert = (object: UnstructuredObject) => UnstructuredObject;

/** A stored object in one version, converted lazily. */
export class VersionedObject implements StoredObject<UnstructuredObject> {
  readonly stored: StoredObject<UnstructuredObject>;
  readonly #convert: Convert;
  #bytes: Uint8Array | undefined;

  constructor(stored: StoredObject<UnstructuredObject>, convert: Convert) {
    this.stored = stored;
    this.#convert = convert;
  }

  /** For an object that a webhook has converted. Yields to the event loop while encoding. */
  static async of(
    stored: StoredObject<UnstructuredObject>,
    converted: UnstructuredObject,
  ): Promise<VersionedObject> {
    const versioned = new VersionedObject(stored, (object) => object);
    versioned.#keep(await customResourceCodec.encodeInPieces!(converted, stored.resourceVersion));
    return versioned;
  }

  get key(): string {
    return this.stored.key;
  }

  get resourceVersion(): number {
    return this.stored.resourceVersion;
  }

  get isSettled(): boolean {
    return this.#bytes !== undefined;
  }

  /** Memory of `bytes`, unless it is shared with the stored object. */
  get ownBytes(): number {
    return this.#bytes === undefined || this.#bytes === this.stored.bytes ? 0 : this.#bytes.length;
  }

  get bytes(): Uint8Array {
    if (this.#bytes !== undefined) return this.#bytes;
    const object = this.#convert(this.stored.object());
    return this.#keep(customResourceCodec.encode(object, this.resourceVersion));
  }

  /** Computes `bytes`, yielding to the event loop for a large object. */
  async settle(): Promise<this> {
    if (this.#bytes !== undefined) return this;
    const object = this.#convert(await this.stored.objectInPieces());
    this.#keep(await customResourceCodec.encodeInPieces!(object, this.resourceVersion));
    return this;
  }

  /** Shares the stored bytes if they are equal, as is usual. */
  #keep(bytes: Uint8Array): Uint8Array {
    this.#bytes = Buffer.compare(bytes, this.stored.bytes) === 0 ? this.stored.bytes : bytes;
    return this.#bytes;
  }

  get forms(): ObjectForms | undefined {
    return this.stored.forms;
  }

  object(): UnstructuredObject {
    return customResourceCodec.decode(this.bytes);
  }

  async objectInPieces(): Promise<UnstructuredObject> {
    await this.settle();
    return customResourceCodec.decodeInPieces!(this.bytes);
  }
}
