/**
 * The stored custom resources of a definition, seen in one of its versions
 * (upstream's `crdConversionRESTOptionsGetter`, pkg/apiserver/customresource_handler.go): reads prune and default what
 * is stored by the schema of its version and convert it, writes convert to the storage version.
 */

import type { UnstructuredObject } from '../../../meta/kube-object.ts';
import { StatusError } from '../../../meta/status-error.ts';
import { type SelectionPredicate, selectionAttributes } from '../../../storage/selection-predicate.ts';
import type {
  CreateOptions,
  DeleteOptions,
  GetOptions,
  ListOptions,
  ListResult,
  Snapshot,
  Storage,
  StoredObject,
  UpdateOptions,
  Watch,
  WatchOptions,
} from '../../../storage/storage.ts';
import { deepCopy } from '../../../util/deep-copy.ts';
import { hasNull } from '../../../util/has-null.ts';
import type { CustomResourceConverter } from '../../conversion/converter.ts';
import type { DefinitionLifetime } from '../../serving/definition-lifetime.ts';
import type { ResourceForm } from '../../serving/resource-form.ts';
import type { CustomResourceAttributes, Fields } from './custom-resource-attributes.ts';
import { customResourceCodec } from './custom-resource-codec.ts';
import { MappedWatch } from './mapped-watch.ts';
import { SelectingWatch } from './selecting-watch.ts';
import { VersionedObject } from './versioned-object.ts';

type Stored = StoredObject<UnstructuredObject>;

export interface VersionedStorageOptions {
  /** Of whatever versions. */
  readonly storage: Storage<UnstructuredObject>;
  readonly form: ResourceForm;
  readonly converter: CustomResourceConverter;
  /** Seen from outside; `group/version`. */
  readonly apiVersion: string;
  readonly storageApiVersion: string;
  /** What was stored in the storage version is what reads would make of it. */
  readonly settled: boolean;
  readonly lifetime: DefinitionLifetime;
  /** The selectable fields of an object of `apiVersion`. */
  readonly fieldsOf: (object: UnstructuredObject) => Fields;
}

export class VersionedStorage implements Storage<UnstructuredObject> {
  readonly resourcePrefix: string;
  readonly #options: VersionedStorageOptions;
  readonly #storage: Storage<UnstructuredObject>;
  readonly #seen = new WeakMap<Stored, Stored | Promise<Stored>>();
  readonly #snapshots = new WeakMap<Snapshot<UnstructuredObject>, Promise<Snapshot<UnstructuredObject>>>();

  constructor(options: VersionedStorageOptions) {
    this.#options = options;
    this.#storage = options.storage;
    this.resourcePrefix = options.storage.resourcePrefix;
  }

  async create(key: string, object: UnstructuredObject, options?: CreateOptions): Promise<Stored> {
    return this.#see(await this.#storage.create(key, await this.#toStorage(object), options));
  }

  async get(key: string, options?: GetOptions): Promise<Stored> {
    return this.#see(await this.#storage.get(key, options));
  }

  async replacedAt(revision: number): Promise<Stored | undefined> {
    const stored = await this.#storage.replacedAt(revision);
    return stored && this.#see(stored);
  }

  async delete(key: string, options: DeleteOptions<UnstructuredObject> = {}): Promise<Stored> {
    const { validateDeletion, cached } = options;
    const deleted = await this.#storage.delete(key, {
      ...options,
      cached: cached && storedBehind(cached),
      validateDeletion:
        validateDeletion && (async (object) => validateDeletion((await this.#fromStorage([object]))[0]!)),
    });
    return this.#see(deleted);
  }

  deleteUnreadable(key: string, options: { readonly dryRun: boolean }): Promise<void> {
    return this.#storage.deleteUnreadable(key, options);
  }

  async guaranteedUpdate(key: string, options: UpdateOptions<UnstructuredObject>): Promise<Stored> {
    const { tryUpdate, cached } = options;
    const updated = await this.#storage.guaranteedUpdate(key, {
      ...options,
      cached: cached && storedBehind(cached),
      tryUpdate: async (current, resourceVersion) => {
        const [seen] = current === undefined ? [] : await this.#fromStorage([current]);
        const result = await tryUpdate(seen, resourceVersion);
        return { ...result, object: await this.#toStorage(result.object) };
      },
    });
    return this.#see(updated);
  }

  async asRead(object: UnstructuredObject): Promise<UnstructuredObject> {
    const [read] = await this.#fromStorage([await this.#toStorage(object)]);
    return read!;
  }

  async list(options: ListOptions): Promise<ListResult<UnstructuredObject>> {
    const { predicate } = options;
    const result = await this.#storage.list({ ...options, predicate: this.#inner(predicate) });
    const items = await this.#seeAll(result.items);
    if (predicate === undefined || !this.#options.converter.remote) return { ...result, items };
    return {
      ...result,
      items: items.filter((item) => this.#matches(predicate, item)),
      remainingItemCount: undefined,
    };
  }

  async watch(options: WatchOptions): Promise<Watch<UnstructuredObject>> {
    const { predicate, signal } = options;
    const { lifetime } = this.#options;
    const watch = await this.#storage.watch({
      ...options,
      predicate: this.#inner(predicate),
      signal: signal === undefined ? lifetime.signal : AbortSignal.any([signal, lifetime.signal]),
    });
    const seen = new MappedWatch(watch, (stored: Stored) => this.#see(stored), lifetime.hold());
    if (predicate === undefined || !this.#options.converter.remote) return seen;
    return new SelectingWatch(seen, (item) => this.#matches(predicate, item));
  }

  async snapshot(maxStalenessMs: number): Promise<Snapshot<UnstructuredObject>> {
    const stored = await this.#storage.snapshot(maxStalenessMs);
    let seen = this.#snapshots.get(stored);
    if (seen === undefined) {
      seen = this.#seeAll(stored.items).then((items) => ({ ...stored, items }));
      // A conversion that failed may succeed the next time.
      seen.catch(() => this.#snapshots.delete(stored));
      this.#snapshots.set(stored, seen);
    }
    return seen;
  }

  count(): Promise<number> {
    return this.#storage.count();
  }

  #see(stored: Stored): Stored | Promise<Stored> {
    if (this.#isAsStored(stored)) return stored;
    let seen = this.#seen.get(stored);
    if (seen === undefined) {
      seen = this.#isConvertedRemotely(stored)
        ? this.#seeAll([stored]).then(([only]) => only!)
        : new VersionedObject(stored, (object) => this.#fromStorageNow(object));
      this.#remember(stored, seen);
    }
    return seen;
  }

  /** One call converts all that have to be converted elsewhere. */
  async #seeAll(stored: readonly Stored[]): Promise<Stored[]> {
    const remote = stored.filter(
      (one) => this.#seen.get(one) === undefined && !this.#isAsStored(one) && this.#isConvertedRemotely(one),
    );
    if (remote.length > 0) {
      const objects = await this.#fromStorage(remote.map((one) => one.object()));
      for (const [index, one] of remote.entries()) {
        this.#seen.set(one, new VersionedObject(one, () => objects[index]!));
      }
    }
    return Promise.all(stored.map(async (one) => this.#see(one)));
  }

  #remember(stored: Stored, seen: Stored | Promise<Stored>): void {
    this.#seen.set(stored, seen);
    if (!(seen instanceof Promise)) return;
    seen.then(
      (object) => this.#seen.set(stored, object),
      () => this.#seen.delete(stored),
    );
  }

  #isAsStored(stored: Stored): boolean {
    const { settled, apiVersion, storageApiVersion } = this.#options;
    return settled && apiVersion === storageApiVersion && apiVersionOf(stored.bytes) === apiVersion;
  }

  #isConvertedRemotely(stored: Stored): boolean {
    const { converter, apiVersion } = this.#options;
    return converter.remote && apiVersionOf(stored.bytes) !== apiVersion;
  }

  /** Takes the object over. Only where nothing has to be converted elsewhere. */
  #fromStorageNow(object: UnstructuredObject): UnstructuredObject {
    const { form, converter, apiVersion } = this.#options;
    form.prune(object);
    form.setDefaults(object);
    if (converter.remote || object.apiVersion === apiVersion) return object;
    const [converted] = converter.convert([object], apiVersion);
    form.prune(converted!);
    return converted!;
  }

  /** Takes the objects over. Throws `StatusError` when they can't be converted. */
  async #fromStorage(objects: readonly UnstructuredObject[]): Promise<UnstructuredObject[]> {
    const { form } = this.#options;
    for (const object of objects) {
      form.prune(object);
      form.setDefaults(object);
    }
    return this.#convert(objects, this.#options.apiVersion);
  }

  /** The object itself may be asked for again. */
  async #toStorage(object: UnstructuredObject): Promise<UnstructuredObject> {
    const { storageApiVersion, settled, form } = this.#options;
    if (object.apiVersion === storageApiVersion) {
      // What was applied may have a null where the schema names no type: reads leave it out.
      if (!settled || !hasNull(object)) return object;
      const copy = deepCopy(object);
      form.prune(copy);
      return copy;
    }
    const [converted] = await this.#convert([deepCopy(object)], storageApiVersion);
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
    for (const [index, object] of converted.entries()) if (before[index] !== apiVersion) form.prune(object);
    return converted;
  }

  /** What storage can select by itself: nothing where objects have to be converted elsewhere first. */
  #inner(predicate: SelectionPredicate | undefined): SelectionPredicate | undefined {
    if (predicate === undefined) return undefined;
    if (this.#options.converter.remote) return { ...predicate, matches: () => true };
    return {
      ...predicate,
      matches: (attributes) => {
        const { labels, namespace, uid } = attributes;
        const fields = () => this.#fieldsOf(attributes as CustomResourceAttributes);
        return predicate.matches({
          labels,
          namespace,
          uid,
          get fields() {
            return fields();
          },
        });
      },
    };
  }

  #fieldsOf(attributes: CustomResourceAttributes): Fields {
    return attributes.fieldsBy(this, (bytes) =>
      this.#options.fieldsOf(this.#fromStorageNow(customResourceCodec.decode(bytes))),
    );
  }

  #matches(predicate: SelectionPredicate, item: Stored): boolean {
    const object = item.object();
    return predicate.matches(selectionAttributes(object, this.#options.fieldsOf(object)));
  }
}

const storedBehind = (seen: Stored): Stored => (seen instanceof VersionedObject ? seen.stored : seen);

const API_VERSION = Buffer.from('"apiVersion":"');

/** Of bytes that the codec wrote. */
function apiVersionOf(bytes: Uint8Array): string {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const start = buffer.indexOf(API_VERSION) + API_VERSION.length;
  return buffer.toString('utf8', start, buffer.indexOf('"', start));
}
