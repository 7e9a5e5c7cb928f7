import type { UnstructuredObject } from '../../../meta/kube-object.ts';
import { StatusError } from '../../../meta/status-error.ts';
import type { StoredObject } from '../../../storage/storage.ts';
import { breathe } from '../../../util/breathe.ts';
import { deepCopyInPieces } from '../../../util/deep-copy.ts';
import { hasNull } from '../../../util/has-null.ts';
import type { CustomResourceConverter } from '../../conversion/converter.ts';
import type { ResourceForm } from '../../serving/resource-form.ts';

type Stored = StoredObject<UnstructuredObject>;

export interface VersionViewOptions {
  readonly form: ResourceForm;
  readonly converter: CustomResourceConverter;
  /** Seen from outside; `group/version`. */
  readonly apiVersion: string;
  readonly storageApiVersion: string;
  /** What was stored in the storage version is what reads would make of it. */
  readonly settled: boolean;
}

/** How objects of a version come to storage and from there. Takes large ones in pieces but where nothing can wait. */
export class VersionView {
  readonly #options: VersionViewOptions;

  constructor(options: VersionViewOptions) {
    this.#options = options;
  }

  /** Its bytes are what the version shows. */
  isAsStored(stored: Stored): boolean {
    const { settled, apiVersion, storageApiVersion } = this.#options;
    return settled && apiVersion === storageApiVersion && apiVersionOf(stored.bytes) === apiVersion;
  }

  /** A webhook has to be asked. */
  isConvertedRemotely(stored: Stored): boolean {
    const { converter, apiVersion } = this.#options;
    return converter.remote && apiVersionOf(stored.bytes) !== apiVersion;
  }

  /** Takes the object over. Only where nothing has to be converted elsewhere. */
  fromStorageNow(object: UnstructuredObject): UnstructuredObject {
    const { form, converter, apiVersion } = this.#options;
    form.prune(object);
    form.setDefaults(object);
    if (converter.remote || object.apiVersion === apiVersion) return object;
    const [converted] = converter.convert([object], apiVersion);
    form.prune(converted!);
    return converted!;
  }

  /** Takes the objects over. Throws `StatusError` when they can't be converted. */
  async fromStorage(objects: readonly UnstructuredObject[]): Promise<UnstructuredObject[]> {
    const { form } = this.#options;
    for (const object of objects) {
      await breathe();
      form.prune(object);
      await breathe();
      form.setDefaults(object);
    }
    return this.#convert(objects, this.#options.apiVersion);
  }

  /** The object itself may be asked for again. */
  async toStorage(object: UnstructuredObject): Promise<UnstructuredObject> {
    const { storageApiVersion, settled, form } = this.#options;
    if (object.apiVersion === storageApiVersion) {
      // What was applied may have a null where the schema names no type: reads leave it out.
      if (!settled || !hasNull(object)) return object;
      const copy = await deepCopyInPieces(object);
      form.prune(copy);
      return copy;
    }
    const [converted] = await this.#convert([await deepCopyInPieces(object)], storageApiVersion);
    return converted!;
  }

  async #convert(objects: readonly UnstructuredObject[], apiVersion: string): Promise<UnstructuredObject[]> {
    const { converter, form } = this.#options;
    const before = objects.map((object) => object.apiVersion);
    let converted: UnstructuredObject[];
    try {
      converted = await converter.convert(objects, apiVersion);
    } catch (error) {
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

/** Of bytes that the codec wrote. */
function apiVersionOf(bytes: Uint8Array): string {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const start = buffer.indexOf(API_VERSION) + API_VERSION.length;
  return buffer.toString('utf8', start, buffer.indexOf('"', start));
}
