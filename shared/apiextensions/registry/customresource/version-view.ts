import type { UnstructuredObject } from '../../../meta/kube-object.ts';
import { StatusError } from '../../../meta/status-error.ts';
import type { StoredObject } from '../../../storage/storage.ts';
import { breathe } from '../../../util/breathe.ts';
import { deepCopyInPieces } from '../../../util/deep-copy.ts';
import { hasNull } from '../../../util/has-null.ts';
import type { ConversionMemory } from '../../conversion/conversions-in-flight.ts';
import type { CustomResourceConverter, RemoteConverter } from '../../conversion/converter.ts';
import type { ResourceForm } from '../../serving/resource-form.ts';

type Stored = StoredObject<UnstructuredObject>;

export interface VersionViewOptions {
  readonly form: ResourceForm;
  readonly converter: CustomResourceConverter;
  /** The served version, as `group/version`. */
  readonly apiVersion: string;
  readonly storageApiVersion: string;
  /** Whether stored objects in the storage version are equal to what reads return. */
  readonly settled: boolean;
}

/**
 * Converts objects of a version to and from storage. Processes large objects in pieces, except in synchronous methods.
 */
export class VersionView {
  readonly #options: VersionViewOptions;

  constructor(options: VersionViewOptions) {
    this.#options = options;
  }

  /** Whether the stored bytes can be returned unchanged. */
  isAsStored(stored: Stored): boolean {
    const { settled, apiVersion, storageApiVersion } = this.#options;
    return settled && apiVersion === storageApiVersion && apiVersionOf(stored.bytes) === apiVersion;
  }

  /** Whether a webhook has to convert it. */
  isConvertedRemotely(stored: Stored): boolean {
    const { converter, apiVersion } = this.#options;
    return converter.remote && apiVersionOf(stored.bytes) !== apiVersion;
  }

  /** Takes ownership of the object. Must not be called for objects that a webhook converts. */
  fromStorageNow(object: UnstructuredObject): UnstructuredObject {
    const { form, converter, apiVersion } = this.#options;
    form.prune(object);
    form.setDefaults(object);
    if (converter.remote || object.apiVersion === apiVersion) return object;
    const [converted] = converter.convert([object], apiVersion);
    form.prune(converted!);
    return converted!;
  }

  /**
   * Decodes and converts stored objects in one call of a webhook, once there is memory for it, and passes them to `use`
   * before the memory is released. Rejects with `StatusError` if they can't be converted.
   */
  convertedElsewhere<T>(
    stored: readonly Stored[],
    use: (objects: readonly UnstructuredObject[]) => Promise<T>,
  ): Promise<T> {
    const bytes = stored.reduce((sum, one) => sum + one.bytes.length, 0);
    return (this.#options.converter as RemoteConverter).reserve(bytes, async (memory) => {
      const objects: UnstructuredObject[] = [];
      for (const one of stored) objects.push(await one.objectInPieces());
      return use(await this.fromStorage(objects, memory));
    });
  }

  /**
   * Takes ownership of the objects. Rejects with `StatusError` if they can't be converted. `memory`: what
   * was reserved for the call of a webhook; absent: it reserves its own.
   */
  async fromStorage(
    objects: readonly UnstructuredObject[],
    memory?: ConversionMemory,
  ): Promise<UnstructuredObject[]> {
    const { form } = this.#options;
    for (const object of objects) {
      await breathe();
      form.prune(object);
      await breathe();
      form.setDefaults(object);
    }
    return this.#convert(objects, this.#options.apiVersion, memory);
  }

  /** Doesn't modify the object, which may be converted again. */
  async toStorage(object: UnstructuredObject): Promise<UnstructuredObject> {
    const { storageApiVersion, settled, form } = this.#options;
    if (object.apiVersion === storageApiVersion) {
      // An applied object may have a null where the schema specifies no type; reads drop it.
      if (!settled || !hasNull(object)) return object;
      const copy = await deepCopyInPieces(object);
      form.prune(copy);
      return copy;
    }
    const [converted] = await this.#convert([await deepCopyInPieces(object)], storageApiVersion);
    return converted!;
  }

  async #convert(
    objects: readonly UnstructuredObject[],
    apiVersion: string,
    memory?: ConversionMemory,
  ): Promise<UnstructuredObject[]> {
    const { converter, form } = this.#options;
    const before = objects.map((object) => object.apiVersion);
    let converted: UnstructuredObject[];
    try {
      converted = await converter.convert(objects, apiVersion, memory);
    } catch (error) {
      if (error instanceof StatusError) throw error;
      throw new StatusError({ code: 500, message: (error as Error).message }, error);
    }
    for (const [index, object] of converted.entries()) {
      await breathe();
      if (before[index] !== apiVersion) form.prune(object);
    }
    return converted;
  }
}

const API_VERSION = Buffer.from('"apiVersion":"');

/** Requires bytes written by the codec. */
function apiVersionOf(bytes: Uint8Array): string {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const start = buffer.indexOf(API_VERSION) + API_VERSION.length;
  return buffer.toString('utf8', start, buffer.indexOf('"', start));
}
