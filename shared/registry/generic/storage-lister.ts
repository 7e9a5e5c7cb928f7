/**
 * Lister of a resource over the replica of its storage. Each stored state is decoded once, however often it is read,
 * unless it is large.
 */

import type { KubeObject } from '../../meta/kube-object.ts';
import {
  DEFAULT_STALENESS_MS,
  type ListerSnapshot,
  type ResourceLister,
  type SparseLister,
} from '../../rest/resource-access.ts';
import { interpretStorageError, translateStorageErrors } from '../../rest/storage-errors.ts';
import { isStorageError } from '../../storage/errors.ts';
import type { FormKey } from '../../storage/object-forms.ts';
import type { Snapshot, StoredObject } from '../../storage/storage.ts';
import { breathe, READ_AT_ONCE } from '../../util/breathe.ts';
import type { Store } from './store.ts';

/** Heap of a decoded object with many short keys, as a multiple of its stored size. */
const DECODED_PER_BYTE = 8;

/** A lazily decoded snapshot. */
class DecodedSnapshot<T extends KubeObject> implements ListerSnapshot<T> {
  readonly resourceVersion: number;
  readonly #stored: readonly StoredObject<T>[];
  readonly #decode: (stored: StoredObject<T>) => T;
  readonly #searches: Searches<T>;
  /** Resolves to this snapshot; one promise shared by all callers. */
  readonly promise = Promise.resolve(this);
  #items: readonly T[] | undefined;
  #byKey: ReadonlyMap<string, StoredObject<T>> | undefined;

  constructor(snapshot: Snapshot<T>, decode: (stored: StoredObject<T>) => T, searches: Searches<T>) {
    this.resourceVersion = snapshot.resourceVersion;
    this.#stored = snapshot.items;
    this.#decode = decode;
    this.#searches = searches;
  }

  get size(): number {
    return this.#stored.length;
  }

  get items(): readonly T[] {
    this.#items ??= this.#stored.map(this.#decode);
    return this.#items;
  }

  get(key: string): T | undefined {
    this.#byKey ??= new Map(this.#stored.map((stored) => [stored.key, stored]));
    const stored = this.#byKey.get(key);
    return stored && this.#decode(stored);
  }

  countBelow(prefix: string): number {
    let count = 0;
    for (const { key } of this.#stored) if (key.startsWith(prefix)) count++;
    return count;
  }

  async containing<R = T>(texts: readonly string[], of?: (object: T) => R): Promise<readonly R[]> {
    const found: R[] = [];
    const search = this.#searches.for(texts);
    for (const stored of this.#stored) {
      if (search(stored)) {
        const isLarge = stored.bytes.length > READ_AT_ONCE;
        const object = isLarge ? await stored.objectInPieces() : this.#decode(stored);
        found.push(of === undefined ? (object as unknown as R) : of(object));
      }
      const pause = breathe();
      if (pause !== undefined) await pause;
    }
    return found;
  }

  below(prefix: string): readonly T[] {
    return this.#stored.filter(({ key }) => key.startsWith(prefix)).map(this.#decode);
  }
}

/** Caches search results per stored state, because consecutive snapshots share most states. */
class Searches<T> {
  readonly #found = new Map<string, WeakMap<StoredObject<T>, boolean>>();

  /** A predicate that tests whether a state contains one of `texts`. */
  for(texts: readonly string[]): (stored: StoredObject<T>) => boolean {
    const key = JSON.stringify(texts);
    const found = this.#found.get(key) ?? new WeakMap<StoredObject<T>, boolean>();
    this.#found.set(key, found);
    return (stored) => {
      let isFound = found.get(stored);
      if (isFound === undefined) {
        const { buffer, byteOffset, length } = stored.bytes;
        const bytes = Buffer.from(buffer, byteOffset, length);
        isFound = texts.some((text) => bytes.includes(text));
        found.set(stored, isFound);
      }
      return isFound;
    };
  }
}

export class StorageLister<T extends KubeObject> implements ResourceLister<T> {
  readonly #store: Store<T>;
  /** Small objects. */
  readonly #decoded = new WeakMap<StoredObject<T>, T>();
  /** Identifies large objects, which are cached within the budget for encodings: many would fill the heap. */
  readonly #large: FormKey<{ readonly object: T; readonly bytes: number }> = {
    sizeOf: ({ bytes }) => bytes * DECODED_PER_BYTE,
  };
  readonly #snapshots = new WeakMap<Snapshot<T>, DecodedSnapshot<T>>();
  readonly #searches = new Searches<T>();

  constructor(store: Store<T>) {
    this.#store = store;
  }

  snapshot(maxStalenessMs?: number): Promise<ListerSnapshot<T>> {
    return this.#snapshot(maxStalenessMs);
  }

  async get(namespace: string, name: string, maxStalenessMs = DEFAULT_STALENESS_MS): Promise<T | undefined> {
    const { storage } = this.#store;
    const key = namespace === '' ? name : `${namespace}/${name}`;
    const stored = await translateStorageErrors(this.#store.operation('get', name), () =>
      storage.get(key, { maxStalenessMs }).catch((error: unknown) => {
        if (isStorageError(error, 'KeyNotFound')) return undefined;
        throw error;
      }),
    );
    return stored && this.#decodeInPieces(stored);
  }

  async list(namespace: string, maxStalenessMs = DEFAULT_STALENESS_MS): Promise<readonly T[]> {
    if (namespace === '') return (await this.#snapshot(maxStalenessMs)).items;
    const prefix = `${namespace}/`;
    // Callers that tolerate staleness read from the replica; others read the namespace from storage.
    if (maxStalenessMs > 0) return (await this.#snapshot(maxStalenessMs)).below(prefix);
    const objects: T[] = [];
    for (const stored of await this.#storedBelow(prefix)) objects.push(await this.#decodeInPieces(stored));
    return objects;
  }

  async count(namespace: string, maxStalenessMs = DEFAULT_STALENESS_MS): Promise<number> {
    if (namespace === '') return (await this.#snapshot(maxStalenessMs)).size;
    const prefix = `${namespace}/`;
    if (maxStalenessMs > 0) return (await this.#snapshot(maxStalenessMs)).countBelow(prefix);
    return (await this.#storedBelow(prefix)).length;
  }

  async #storedBelow(prefix: string): Promise<readonly StoredObject<T>[]> {
    const { items } = await translateStorageErrors(this.#store.operation('list', ''), () =>
      this.#store.storage.list({ prefix }),
    );
    return items;
  }

  async replacedAt(revision: number): Promise<T | undefined> {
    const stored = await translateStorageErrors(this.#store.operation('get', ''), () =>
      this.#store.storage.replacedAt(revision),
    );
    return stored && this.#decode(stored);
  }

  async sparse(): Promise<SparseLister<T> | undefined> {
    const { sparse } = this.#store.storage;
    if (sparse === undefined) return undefined;
    const translated = <R>(read: () => Promise<R>): Promise<R> =>
      translateStorageErrors(this.#store.operation('list', ''), read);
    const decoded = (items: readonly StoredObject<T>[]) => items.map((item) => this.#decode(item));
    return {
      held: async (maxStalenessMs = DEFAULT_STALENESS_MS) => {
        const stored = await translated(() => sparse.held(maxStalenessMs));
        return stored && this.#snapshotOf(stored);
      },
      below: async (namespace, atMost) => {
        const options = { maxStalenessMs: DEFAULT_STALENESS_MS, atMost };
        const found = await translated(() => sparse.below(`${namespace}/`, options));
        return found && decoded(found);
      },
      having: async (terms, maxStalenessMs = DEFAULT_STALENESS_MS) => {
        const found = await translated(() => sparse.having(terms, maxStalenessMs));
        return (
          found && { leads: found.leads, read: async () => decoded(await translated(() => found.read())) }
        );
      },
      index: () => translated(() => sparse.index()),
    };
  }

  #snapshot(maxStalenessMs = DEFAULT_STALENESS_MS): Promise<DecodedSnapshot<T>> {
    const { storage } = this.#store;
    try {
      const cached = storage.cachedSnapshot?.(maxStalenessMs);
      if (cached !== undefined) return this.#snapshotOf(cached).promise;
    } catch (error) {
      return Promise.reject(interpretStorageError(error, this.#store.operation('list', '')));
    }
    return translateStorageErrors(this.#store.operation('list', ''), async () =>
      this.#snapshotOf(await storage.snapshot(maxStalenessMs)),
    );
  }

  #snapshotOf(stored: Snapshot<T>): DecodedSnapshot<T> {
    let snapshot = this.#snapshots.get(stored);
    if (snapshot === undefined) {
      snapshot = new DecodedSnapshot(stored, (item) => this.#decode(item), this.#searches);
      this.#snapshots.set(stored, snapshot);
    }
    return snapshot;
  }

  async #decodeInPieces(stored: StoredObject<T>): Promise<T> {
    if (stored.bytes.length <= READ_AT_ONCE) return this.#decode(stored);
    return this.#known(stored) ?? this.#keep(stored, await stored.objectInPieces());
  }

  #decode(stored: StoredObject<T>): T {
    return this.#known(stored) ?? this.#keep(stored, stored.object());
  }

  #known(stored: StoredObject<T>): T | undefined {
    if (stored.bytes.length <= READ_AT_ONCE) return this.#decoded.get(stored);
    return stored.forms?.get(this.#large)?.object;
  }

  #keep(stored: StoredObject<T>, object: T): T {
    const bytes = stored.bytes.length;
    if (bytes <= READ_AT_ONCE) this.#decoded.set(stored, object);
    else stored.forms?.set(this.#large, { object, bytes });
    return object;
  }
}
