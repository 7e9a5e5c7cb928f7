/**
 * The stored custom resources of a definition in one of its versions (upstream's `crdConversionRESTOptionsGetter`,
 * pkg/apiserver/customresource_handler.go). Reads prune and default stored objects by the schema of their version and
 * convert them; writes convert to the storage version.
 */

import type { UnstructuredObject } from '../../../meta/kube-object.ts';
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
import { breathe, READ_AT_ONCE } from '../../../util/breathe.ts';
import { Places } from '../../../util/places.ts';
import type { DefinitionLifetime } from '../../serving/definition-lifetime.ts';
import type { CustomResourceAttributes, Fields } from './custom-resource-attributes.ts';
import { customResourceCodec } from './custom-resource-codec.ts';
import { MappedWatch } from './mapped-watch.ts';
import { SelectingWatch } from './selecting-watch.ts';
import { VersionView, type VersionViewOptions } from './version-view.ts';
import { VersionedObject } from './versioned-object.ts';

type Stored = StoredObject<UnstructuredObject>;

/**
 * Maximum bytes of objects per webhook call, except for a single larger object; in memory they take many times that.
 */
const SENT_AT_ONCE = 1024 * 1024;

/**
 * Shared by all definitions of the process, because memory is. Small conversions aren't limited: a webhook may read
 * objects from this server while it converts.
 */
const LARGE_CONVERSIONS = new Places(2);

export interface VersionedStorageOptions extends VersionViewOptions {
  /** The stored objects, in any version. */
  readonly storage: Storage<UnstructuredObject>;
  readonly lifetime: DefinitionLifetime;
  /** The selectable fields of an object in `apiVersion`. */
  readonly fieldsOf: (object: UnstructuredObject) => Fields;
}

export class VersionedStorage implements Storage<UnstructuredObject> {
  readonly resourcePrefix: string;
  readonly #options: VersionedStorageOptions;
  readonly #storage: Storage<UnstructuredObject>;
  readonly #view: VersionView;
  readonly #seen = new WeakMap<Stored, Stored | Promise<Stored>>();
  readonly #snapshots = new WeakMap<Snapshot<UnstructuredObject>, Promise<Snapshot<UnstructuredObject>>>();

  constructor(options: VersionedStorageOptions) {
    this.#options = options;
    this.#storage = options.storage;
    this.#view = new VersionView(options);
    this.resourcePrefix = options.storage.resourcePrefix;
  }

  async create(key: string, object: UnstructuredObject, options?: CreateOptions): Promise<Stored> {
    return this.#settled(await this.#storage.create(key, await this.#view.toStorage(object), options));
  }

  async get(key: string, options?: GetOptions): Promise<Stored> {
    return this.#settled(await this.#storage.get(key, options));
  }

  async replacedAt(revision: number): Promise<Stored | undefined> {
    const stored = await this.#storage.replacedAt(revision);
    return stored && this.#settled(stored);
  }

  async delete(key: string, options: DeleteOptions<UnstructuredObject> = {}): Promise<Stored> {
    const { validateDeletion, cached } = options;
    const deleted = await this.#storage.delete(key, {
      ...options,
      cached: cached && storedBehind(cached),
      validateDeletion:
        validateDeletion &&
        (async (object) => validateDeletion((await this.#view.fromStorage([object]))[0]!)),
    });
    return this.#settled(deleted);
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
        const [seen] = current === undefined ? [] : await this.#view.fromStorage([current]);
        const result = await tryUpdate(seen, resourceVersion);
        return { ...result, object: await this.#view.toStorage(result.object) };
      },
    });
    return this.#settled(updated);
  }

  async asRead(object: UnstructuredObject): Promise<UnstructuredObject> {
    const [read] = await this.#view.fromStorage([await this.#view.toStorage(object)]);
    return read!;
  }

  async list(options: ListOptions): Promise<ListResult<UnstructuredObject>> {
    const { predicate } = options;
    const result = await this.#storage.list({ ...options, predicate: this.#inner(predicate) });
    const items = await this.#seeAll(result.items);
    for (const item of items) {
      if (item instanceof VersionedObject) await item.settle();
      await breathe();
    }
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
    const seen = new MappedWatch(watch, (stored: Stored) => this.#settled(stored), lifetime.hold());
    if (predicate === undefined || !this.#options.converter.remote) return seen;
    return new SelectingWatch(seen, (item) => this.#matches(predicate, item));
  }

  async snapshot(maxStalenessMs: number): Promise<Snapshot<UnstructuredObject>> {
    const stored = await this.#storage.snapshot(maxStalenessMs);
    let seen = this.#snapshots.get(stored);
    if (seen === undefined) {
      seen = this.#seeAll(stored.items).then((items) => ({ ...stored, items }));
      // A failure isn't cached: the next attempt may succeed.
      seen.catch(() => this.#snapshots.delete(stored));
      this.#snapshots.set(stored, seen);
    }
    return seen;
  }

  count(): Promise<number> {
    return this.#storage.count();
  }

  /** The object with its bytes computed, ready to be sent. */
  async #settled(stored: Stored): Promise<Stored> {
    const seen = await this.#see(stored);
    return seen instanceof VersionedObject ? seen.settle() : seen;
  }

  #see(stored: Stored): Stored | Promise<Stored> {
    if (this.#view.isAsStored(stored)) return stored;
    const known = this.#seen.get(stored);
    if (known !== undefined) return known;
    if (this.#view.isConvertedRemotely(stored)) return this.#send([stored])[0]!;
    const seen = new VersionedObject(stored, (object) => this.#view.fromStorageNow(object));
    this.#seen.set(stored, seen);
    return seen;
  }

  /** Converts in batches, with few webhook calls, one after the other. */
  async #seeAll(stored: readonly Stored[]): Promise<Stored[]> {
    const seen: Stored[] = [];
    let waiting: Stored[] = [];
    let bytes = 0;
    const send = async () => {
      const sent = this.#send(waiting);
      waiting = [];
      bytes = 0;
      await Promise.all(sent);
    };
    for (const one of stored) {
      if (this.#seen.has(one) || this.#view.isAsStored(one) || !this.#view.isConvertedRemotely(one)) continue;
      if (waiting.length > 0 && bytes + one.bytes.length > SENT_AT_ONCE) await send();
      waiting.push(one);
      bytes += one.bytes.length;
    }
    if (waiting.length > 0) await send();
    for (const one of stored) seen.push(await this.#see(one));
    return seen;
  }

  /** Converts the objects in one webhook call. */
  #send(stored: readonly Stored[]): Promise<Stored>[] {
    const bytes = stored.reduce((sum, one) => sum + one.bytes.length, 0);
    const convert = () => this.#convertedElsewhere(stored);
    const sent = bytes > READ_AT_ONCE ? LARGE_CONVERSIONS.within(convert) : convert();
    return stored.map((one, index) => {
      const seen = sent.then((all) => all[index]!);
      this.#remember(one, seen);
      return seen;
    });
  }

  async #convertedElsewhere(stored: readonly Stored[]): Promise<Stored[]> {
    const objects: UnstructuredObject[] = [];
    for (const one of stored) objects.push(await one.objectInPieces());
    const converted = await this.#view.fromStorage(objects);
    const seen: Stored[] = [];
    for (const [index, one] of stored.entries()) {
      seen.push(await VersionedObject.of(one, converted[index]!));
      await breathe();
    }
    return seen;
  }

  #remember(stored: Stored, seen: Promise<Stored>): void {
    this.#seen.set(stored, seen);
    seen.then(
      (object) => this.#seen.set(stored, object),
      () => this.#seen.delete(stored),
    );
  }

  /**
   * The predicate for the underlying storage, which accepts everything if objects have to be converted by a webhook
   * first.
   */
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
      this.#options.fieldsOf(this.#view.fromStorageNow(customResourceCodec.decode(bytes))),
    );
  }

  #matches(predicate: SelectionPredicate, item: Stored): boolean {
    const object = item.object();
    return predicate.matches(selectionAttributes(object, this.#options.fieldsOf(object)));
  }
}

const storedBehind = (seen: Stored): Stored => (seen instanceof VersionedObject ? seen.stored : seen);
