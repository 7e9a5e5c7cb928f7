/**
 * The stored custom resources of a definition in one of its versions (upstream's `crdConversionRESTOptionsGetter`,
 * pkg/apiserver/customresource_handler.go). Reads prune and default stored objects by the schema of their version and
 * convert them; writes convert to the storage version.
 */

import type { UnstructuredObject } from '../../../meta/kube-object.ts';
import type { FormKey } from '../../../storage/object-forms.ts';
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
import { breathe } from '../../../util/breathe.ts';
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
  /** Webhook conversions in progress. */
  readonly #converting = new WeakMap<Stored, Promise<Stored>>();
  /** Identifies converted objects, which are cached with those that they were converted from. */
  readonly #form: FormKey<VersionedObject> = { sizeOf: (seen) => seen.ownBytes };
  readonly #snapshots = new WeakMap<Snapshot<UnstructuredObject>, Promise<Snapshot<UnstructuredObject>>>();

  constructor(options: VersionedStorageOptions) {
    this.#options = options;
    this.#storage = options.storage;
    this.#view = new VersionView(options);
    this.resourcePrefix = options.storage.resourcePrefix;
  }

  async create(key: string, object: UnstructuredObject, options?: CreateOptions): Promise<Stored> {
    return this.#seeSettled(await this.#storage.create(key, await this.#view.toStorage(object), options));
  }

  async get(key: string, options?: GetOptions): Promise<Stored> {
    return this.#seeSettled(await this.#storage.get(key, options));
  }

  async replacedAt(revision: number): Promise<Stored | undefined> {
    const stored = await this.#storage.replacedAt(revision);
    return stored && this.#seeSettled(stored);
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
    return this.#seeSettled(deleted);
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
    return this.#seeSettled(updated);
  }

  async asRead(object: UnstructuredObject): Promise<UnstructuredObject> {
    const [read] = await this.#view.fromStorage([await this.#view.toStorage(object)]);
    return read!;
  }

  async list(options: ListOptions): Promise<ListResult<UnstructuredObject>> {
    const { predicate } = options;
    const result = await this.#storage.list({ ...options, predicate: this.#inner(predicate) });
    const isConverted =
      this.#options.converter.remote && result.items.some((item) => !this.#view.isAsStored(item));
    if (isConverted) options.beforeConversion?.(result.items);
    const items: Stored[] = [];
    for (const item of await this.#seeAll(result.items)) {
      items.push(await this.#settled(item));
      await breathe();
    }
    if (predicate === undefined || !this.#options.converter.remote) return { ...result, items };
    const selected: Stored[] = [];
    for (const item of items) {
      if (await this.#matches(predicate, item)) selected.push(item);
      await breathe();
    }
    return { ...result, items: selected, remainingItemCount: undefined };
  }

  async watch(options: WatchOptions): Promise<Watch<UnstructuredObject>> {
    const { predicate, signal } = options;
    const { lifetime } = this.#options;
    const watch = await this.#storage.watch({
      ...options,
      predicate: this.#inner(predicate),
      signal: signal === undefined ? lifetime.signal : AbortSignal.any([signal, lifetime.signal]),
    });
    const seen = new MappedWatch(watch, (stored: Stored) => this.#seeSettled(stored), lifetime.hold());
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
  async #seeSettled(stored: Stored): Promise<Stored> {
    return this.#settled(await this.#see(stored));
  }

  async #settled(seen: Stored): Promise<Stored> {
    if (!(seen instanceof VersionedObject) || seen.isSettled) return seen;
    await seen.settle();
    seen.forms?.set(this.#form, seen);
    return seen;
  }

  #see(stored: Stored): Stored | Promise<Stored> {
    if (this.#view.isAsStored(stored)) return stored;
    const known = stored.forms?.get(this.#form) ?? this.#converting.get(stored);
    if (known !== undefined) return known;
    if (this.#view.isConvertedRemotely(stored)) return this.#send([stored])[0]!;
    return new VersionedObject(stored, (object) => this.#view.fromStorageNow(object));
  }

  /** Converts in batches, with few webhook calls, one after the other. */
  async #seeAll(stored: readonly Stored[]): Promise<Stored[]> {
    const seen: (Stored | Promise<Stored>)[] = [];
    /** Indices of the next batch. */
    let waiting: number[] = [];
    let bytes = 0;
    const send = async () => {
      const sent = this.#send(waiting.map((index) => stored[index]!));
      for (const [at, index] of waiting.entries()) seen[index] = sent[at]!;
      waiting = [];
      bytes = 0;
      await Promise.all(sent);
    };
    for (const [index, one] of stored.entries()) {
      if (!this.#mustBeSent(one)) {
        seen[index] = this.#see(one);
        continue;
      }
      if (waiting.length > 0 && bytes + one.bytes.length > SENT_AT_ONCE) await send();
      waiting.push(index);
      bytes += one.bytes.length;
    }
    if (waiting.length > 0) await send();
    const all: Stored[] = [];
    for (const one of seen) all.push(await one);
    return all;
  }

  #mustBeSent(stored: Stored): boolean {
    if (this.#view.isAsStored(stored) || !this.#view.isConvertedRemotely(stored)) return false;
    return stored.forms?.get(this.#form) === undefined && !this.#converting.has(stored);
  }

  /** Converts the objects in one webhook call. */
  #send(stored: readonly Stored[]): Promise<Stored>[] {
    const sent = this.#view.convertedElsewhere(stored, async (converted) => {
      const seen: VersionedObject[] = [];
      for (const [index, one] of stored.entries()) {
        seen.push(await VersionedObject.of(one, converted[index]!));
        await breathe();
      }
      return seen;
    });
    return stored.map((one, index) => {
      const seen = sent.then((all) => all[index]!);
      this.#converting.set(one, seen);
      seen.then(
        (object) => {
          this.#converting.delete(one);
          one.forms?.set(this.#form, object);
        },
        () => this.#converting.delete(one),
      );
      return seen;
    });
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

  async #matches(predicate: SelectionPredicate, item: Stored): Promise<boolean> {
    const object = await item.objectInPieces();
    return predicate.matches(selectionAttributes(object, this.#options.fieldsOf(object)));
  }
}

const storedBehind = (seen: Stored): Stored => (seen instanceof VersionedObject ? seen.stored : seen);
