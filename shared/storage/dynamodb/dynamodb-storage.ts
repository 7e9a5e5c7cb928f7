/** `StorageFactory` over one DynamoDB table. */

import { randomBytes } from 'node:crypto';
import { decodeContinue, encodeContinue, INCONSISTENT } from '../continue-token.ts';
import { isStorageError, StorageError } from '../errors.ts';
import { checkPreconditions } from '../preconditions.ts';
import type {
  CreateOptions,
  DeleteOptions,
  GetOptions,
  ListOptions,
  ListResult,
  Snapshot,
  Storage,
  StorageConfig,
  StorageFactory,
  StoredObject,
  UpdateOptions,
  Watch,
  WatchEvent,
  WatchOptions,
} from '../storage.ts';
import { StoredState } from '../stored-state.ts';
import { type DynamoDBTable, FIRST_REVISION, type Item, isTableError, type Write } from './dynamodb-table.ts';
import { SDKDynamoDBTable, type SDKDynamoDBTableOptions } from './sdk-dynamodb-table.ts';

export type DynamoDBStorageFactoryOptions = SDKDynamoDBTableOptions;

export class DynamoDBStorageFactory implements StorageFactory {
  readonly #table: SDKDynamoDBTable;
  readonly #storages = new Map<string, DynamoDBStorage<unknown>>();

  constructor(options: DynamoDBStorageFactoryOptions) {
    this.#table = new SDKDynamoDBTable(options);
  }

  storageFor<T>(config: StorageConfig<T>): Storage<T> {
    let storage = this.#storages.get(config.resourcePrefix);
    if (storage === undefined) {
      storage = new DynamoDBStorage(config, this.#table) as unknown as DynamoDBStorage<unknown>;
      this.#storages.set(config.resourcePrefix, storage);
    }
    return storage as unknown as Storage<T>;
  }

  /** Creates the table unless it exists. */
  async createTable(): Promise<void> {
    await this.#table.create();
  }

  async ready(): Promise<void> {
    try {
      await this.#table.get({ pk: '#', sk: '-' }, { consistent: false });
    } catch (error) {
      throw new StorageError('Unreachable', (error as Error).message, { cause: error });
    }
  }

  async close(): Promise<void> {
    for (const storage of this.#storages.values()) storage.close();
    this.#table.close();
  }
}

const WRITER = randomBytes(6).toString('base64url');
const encodeRevision = (revision: number) => String(revision).padStart(16, '0');
const sleep = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

interface Change<T> {
  readonly revision: number;
  readonly after: StoredState<T> | undefined;
  readonly before: StoredState<T> | undefined;
}

class DynamoDBStorage<T> implements Storage<T> {
  readonly resourcePrefix: string;
  readonly #config: StorageConfig<T>;
  readonly #table: DynamoDBTable;
  readonly #wakes = new Set<() => void>();
  #snapshot: Snapshot<T> | undefined;
  #closed = false;

  constructor(config: StorageConfig<T>, table: DynamoDBTable) {
    this.resourcePrefix = config.resourcePrefix;
    this.#config = config;
    this.#table = table;
  }

  close(): void {
    this.#closed = true;
    this.#wake();
  }

  async create(key: string, object: T, options: CreateOptions = {}): Promise<StoredObject<T>> {
    for (;;) {
      const current = await this.#read(key);
      if (current !== undefined) throw new StorageError('KeyExists', `key exists: ${key}`, { key });
      const written = await this.#commit(key, undefined, object, expiry(options.ttlSeconds));
      if (written !== undefined) return written;
    }
  }

  async get(key: string, options: GetOptions = {}): Promise<StoredObject<T>> {
    const revision = parseRevision(options.resourceVersion);
    if (revision > 0) await this.#reach(revision);
    return found(key, await this.#read(key));
  }

  async delete(key: string, options: DeleteOptions<T> = {}): Promise<StoredObject<T>> {
    let current = options.cached as StoredState<T> | undefined;
    let fresh = false;
    for (;;) {
      if (current === undefined) {
        current = found(key, await this.#read(key));
        fresh = true;
      }
      try {
        checkPreconditions(key, options.preconditions, {
          object: current.object(),
          resourceVersion: current.resourceVersion,
        });
        await options.validateDeletion?.(current.object());
      } catch (error) {
        if (fresh) throw error;
        current = undefined;
        continue;
      }
      const deleted = await this.#commit(key, current, undefined, undefined);
      if (deleted !== undefined) return deleted;
      current = undefined;
    }
  }

  async guaranteedUpdate(key: string, options: UpdateOptions<T>): Promise<StoredObject<T>> {
    let current = options.cached as StoredState<T> | undefined;
    let fresh = false;
    for (;;) {
      if (current === undefined) {
        current = await this.#read(key);
        fresh = true;
        if (current === undefined && options.ignoreNotFound !== true) found(key, current);
      }
      const resourceVersion = current?.resourceVersion ?? 0;
      let result: Awaited<ReturnType<typeof options.tryUpdate>>;
      try {
        checkPreconditions(key, options.preconditions, { object: current?.object(), resourceVersion });
        result = await options.tryUpdate(current?.object(), resourceVersion);
      } catch (error) {
        if (fresh) throw error;
        current = undefined;
        continue;
      }
      if (current !== undefined && result.ttlSeconds === undefined) {
        const bytes = this.#config.codec.encode(result.object, resourceVersion);
        if (Buffer.compare(bytes, current.bytes) === 0) {
          if (fresh) return current;
          current = undefined;
          continue;
        }
      }
      const expiresAt = result.ttlSeconds === undefined ? current?.expiresAt : expiry(result.ttlSeconds);
      const written = await this.#commit(key, current, result.object, expiresAt);
      if (written !== undefined) return written;
      current = undefined;
    }
  }

  async list(options: ListOptions): Promise<ListResult<T>> {
    let revision = parseRevision(options.resourceVersion);
    let start = options.prefix;
    let exact = 0;
    if (options.continue) {
      const position = decodeContinue(options.continue);
      start = options.prefix + position.startKey;
      revision = 0;
      if (position.resourceVersion !== INCONSISTENT) exact = position.resourceVersion;
    } else if (revision > 0) {
      await this.#reach(revision);
      if (options.resourceVersionMatch === 'Exact' || (!options.resourceVersionMatch && options.limit)) {
        exact = revision;
      }
    }
    const snapshot = await this.#state();
    let items = snapshot.items as readonly StoredState<T>[];
    if (exact > 0 && exact < snapshot.resourceVersion) {
      items = await this.#undo(items, exact, snapshot.resourceVersion, start);
    }
    const resourceVersion = exact > 0 ? exact : snapshot.resourceVersion;
    items = items.filter((item) => item.key.startsWith(options.prefix) && item.key >= start);
    const { predicate } = options;
    if (predicate !== undefined) items = items.filter((item) => predicate.matches(item.attributes()));
    const page = options.limit ? items.slice(0, options.limit) : items;
    if (page.length === items.length) return { items: page, resourceVersion, continue: '' };
    const last = page.at(-1)!.key;
    return {
      items: page,
      resourceVersion,
      continue: encodeContinue({ startKey: `${last.slice(options.prefix.length)}\0`, resourceVersion }),
      remainingItemCount: predicate === undefined ? items.length - page.length : undefined,
    };
  }

  async watch(options: WatchOptions): Promise<Watch<T>> {
    const revision = parseRevision(options.resourceVersion);
    const initial = options.sendInitialEvents ?? revision === 0;
    const initialEvents: WatchEvent<T>[] = [];
    let cursor = revision;
    if (initial || revision === 0) {
      if (revision > 0) await this.#reach(revision);
      const list = await this.list({ prefix: options.prefix, predicate: options.predicate });
      cursor = list.resourceVersion;
      if (initial) for (const item of list.items) initialEvents.push({ type: 'ADDED', item });
      if (initial && options.sendInitialEvents && options.allowBookmarks) {
        initialEvents.push({ type: 'BOOKMARK', resourceVersion: cursor, initialEventsEnd: true });
      }
    }
    let stopped = false;
    const stop = () => {
      stopped = true;
      this.#wake();
    };
    options.signal?.addEventListener('abort', stop, { once: true });
    if (options.signal?.aborted) stop();
    const over = () => stopped || this.#closed;
    const self = this;
    async function* events(): AsyncGenerator<WatchEvent<T>> {
      yield* initialEvents;
      let bookmarkAt = Date.now() + 45_000;
      while (!over()) {
        const changes = await self.#changes(cursor);
        for (const change of changes) {
          if (over()) return;
          cursor = change.revision;
          const event = toEvent(change, options);
          if (event !== undefined) yield event;
        }
        if (changes.length > 0 || over()) continue;
        if (options.allowBookmarks && Date.now() >= bookmarkAt) {
          bookmarkAt = Date.now() + 45_000;
          yield { type: 'BOOKMARK', resourceVersion: cursor };
        }
        await self.#pause(200);
      }
    }
    return { [Symbol.asyncIterator]: () => events(), stop };
  }

  async snapshot(maxStalenessMs: number): Promise<Snapshot<T>> {
    void maxStalenessMs;
    const snapshot = await this.#state();
    if (this.#snapshot?.resourceVersion !== snapshot.resourceVersion) this.#snapshot = snapshot;
    return this.#snapshot!;
  }

  async count(): Promise<number> {
    return (await this.#state()).items.length;
  }

  async #read(key: string): Promise<StoredState<T> | undefined> {
    const item = await this.#table.get({ pk: this.resourcePrefix, sk: key }, { consistent: true });
    return item === undefined ? undefined : await this.#decode(item);
  }

  async #decode(item: Item): Promise<StoredState<T> | undefined> {
    const expiresAt = item['exp'] as number | undefined;
    if (item['del'] === true || (expiresAt !== undefined && expiresAt <= Date.now())) return undefined;
    return this.#stateOf(item.sk, item['rv'] as number, item['d'] as Uint8Array, expiresAt);
  }

  async #stateOf(key: string, resourceVersion: number, stored: Uint8Array, expiresAt?: number) {
    const { transformer } = this.#config;
    const bytes = transformer === undefined ? stored : (await transformer.fromStorage(stored, key)).plain;
    return new StoredState(this.#config, { key, resourceVersion, bytes, expiresAt });
  }

  async #commit(
    key: string,
    current: StoredState<T> | undefined,
    object: T | undefined,
    expiresAt: number | undefined,
  ): Promise<StoredState<T> | undefined> {
    for (let attempt = 0; ; attempt++) {
      const head = await this.#table.allocate({
        pk: `${this.resourcePrefix}#head`,
        count: 1,
        set: { nextAt: Date.now() },
      });
      const rv = head['next'] as number;
      const bytes = object === undefined ? undefined : this.#config.codec.encode(object, rv);
      const seal = async (plain: Uint8Array) =>
        this.#config.transformer === undefined ? plain : await this.#config.transformer.toStorage(plain, key);
      const condition =
        current === undefined
          ? ({ kind: 'absentOrDeadBefore', rv } as const)
          : ({ kind: 'revision', rv: current.resourceVersion } as const);
      const entry = {
        pk: `${this.resourcePrefix}#log`,
        sk: encodeRevision(rv),
        y: object === undefined ? 'd' : 'p',
        k: key,
        p: current?.resourceVersion ?? 0,
        t: Date.now(),
        w: WRITER,
        ...(bytes === undefined ? {} : { a: await seal(bytes) }),
        ...(current === undefined ? {} : { b: await seal(current.bytes) }),
        ...(expiresAt === undefined ? {} : { exp: expiresAt }),
      };
      const item =
        bytes === undefined
          ? { pk: this.resourcePrefix, sk: key, rv, del: true }
          : {
              pk: this.resourcePrefix,
              sk: key,
              rv,
              d: await seal(bytes),
              ...(expiresAt === undefined ? {} : { exp: expiresAt }),
            };
      const writes: Write[] = [
        { put: item as Item, condition },
        { put: entry as unknown as Item, condition: { kind: 'absent' } },
      ];
      try {
        await this.#table.transact(writes, { notAfter: Date.now() + 10_000 });
      } catch (error) {
        if (!isTableError(error) || attempt > 20) throw storageError(error);
        if (error.kind === 'Canceled' && error.reasons[0]?.kind === 'ConditionFailed') {
          await this.#fence(rv);
          return undefined;
        }
        await sleep(5 + Math.random() * 20);
        continue;
      }
      this.#wake();
      return bytes === undefined
        ? current!.at(rv)
        : new StoredState(this.#config, { key, resourceVersion: rv, bytes, expiresAt });
    }
  }

  async #fence(revision: number): Promise<void> {
    const noop = {
      pk: `${this.resourcePrefix}#log`,
      sk: encodeRevision(revision),
      y: 'n',
      t: Date.now(),
      w: WRITER,
    };
    try {
      await this.#table.write({ put: noop, condition: { kind: 'absent' } });
    } catch (error) {
      if (!isTableError(error, 'ConditionFailed')) throw storageError(error);
    }
  }

  /** Every change after `revision`, holes fenced. */
  async #changes(revision: number): Promise<Change<T>[]> {
    for (let wait = 0; ; wait++) {
      const entries = await this.#query(`${this.resourcePrefix}#log`, encodeRevision(revision + 1), '~');
      const last = entries.length === 0 ? revision : Number(entries.at(-1)!.sk);
      const present = new Set(entries.map((entry) => Number(entry.sk)));
      const holes = [];
      for (let r = revision + 1; r < last; r++) if (!present.has(r)) holes.push(r);
      if (holes.length === 0) return await Promise.all(entries.map((entry) => this.#change(entry)));
      if (wait < 5) await sleep(20);
      else await Promise.all(holes.map((hole) => this.#fence(hole)));
    }
  }

  async #change(entry: Item): Promise<Change<T>> {
    const revision = Number(entry.sk);
    const key = entry['k'] as string;
    const { a, b, p, exp } = entry as unknown as { a?: Uint8Array; b?: Uint8Array; p: number; exp?: number };
    return {
      revision,
      after: a === undefined ? undefined : await this.#stateOf(key, revision, a, exp),
      before: b === undefined ? undefined : await this.#stateOf(key, p, b),
    };
  }

  async #query(pk: string, from: string, to: string): Promise<Item[]> {
    const items: Item[] = [];
    for (let next: string | undefined = from; next !== undefined; ) {
      try {
        const page = await this.#table.query({ pk, from: next, to, consistent: true });
        items.push(...page.items);
        next = page.lastKey === undefined ? undefined : `${page.lastKey}\0`;
      } catch (error) {
        throw storageError(error);
      }
    }
    return items;
  }

  /** Every object at one revision: read, then brought forward to the log's end. */
  async #state(): Promise<Snapshot<T>> {
    const head = await this.#table.get({ pk: `${this.resourcePrefix}#head`, sk: '-' }, { consistent: true });
    const from = (head?.['next'] as number | undefined) ?? FIRST_REVISION;
    const base = Math.max(FIRST_REVISION, from - 200);
    const items = await this.#query(this.resourcePrefix, ' ', '\u{10ffff}');
    const changes = await this.#changes(base);
    const states = new Map<string, StoredState<T>>();
    const revisions = new Map<string, number>();
    for (const item of items) {
      const state = await this.#decode(item);
      revisions.set(item.sk, item['rv'] as number);
      if (state !== undefined) states.set(item.sk, state);
    }
    for (const { revision, after, before } of changes) {
      const key = after?.key ?? before?.key;
      if (key === undefined || (revisions.get(key) ?? 0) >= revision) continue;
      if (after === undefined) states.delete(key);
      else states.set(key, after);
    }
    const sorted = [...states.values()].sort((a, b) => (a.key < b.key ? -1 : 1));
    return { resourceVersion: Math.max(from, changes.at(-1)?.revision ?? 0), items: sorted };
  }

  async #undo(items: readonly StoredState<T>[], to: number, from: number, start: string) {
    const changes = await this.#changes(to);
    if (changes[0]?.revision !== to + 1 && to < from) {
      throw new StorageError('Expired', 'The resourceVersion for the provided list is too old.', {
        continue: encodeContinue({ startKey: start, resourceVersion: INCONSISTENT }),
      });
    }
    const states = new Map(items.map((item) => [item.key, item]));
    for (const { revision, after, before } of changes.reverse()) {
      if (revision > from) continue;
      const key = after?.key ?? before?.key;
      if (key === undefined) continue;
      if (before === undefined) states.delete(key);
      else states.set(key, before);
    }
    return [...states.values()].sort((a, b) => (a.key < b.key ? -1 : 1));
  }

  async #reach(revision: number): Promise<void> {
    let next = 0;
    for (let attempt = 0; attempt < 15; attempt++) {
      const head = await this.#table.get(
        { pk: `${this.resourcePrefix}#head`, sk: '-' },
        { consistent: true },
      );
      next = (head?.['next'] as number | undefined) ?? FIRST_REVISION;
      if (next >= revision) return;
      await sleep(200);
    }
    throw new StorageError(
      'TooLargeResourceVersion',
      `Too large resource version: ${revision}, current: ${next}`,
      { retryAfterSeconds: 1, resourceVersion: next },
    );
  }

  #wake(): void {
    for (const wake of this.#wakes) wake();
    this.#wakes.clear();
  }

  async #pause(ms: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#wakes.add(() => {
        clearTimeout(timer);
        resolve();
      });
    });
  }
}

function toEvent<T>(change: Change<T>, options: WatchOptions): WatchEvent<T> | undefined {
  const passes = (state: StoredState<T> | undefined) =>
    state?.key.startsWith(options.prefix) === true &&
    (options.predicate === undefined || options.predicate.matches(state.attributes()));
  const { after, before } = change;
  if (passes(after)) return { type: passes(before) ? 'MODIFIED' : 'ADDED', item: after! };
  if (passes(before)) return { type: 'DELETED', item: before!.at(change.revision) };
  return undefined;
}

function expiry(ttlSeconds: number | undefined): number | undefined {
  return ttlSeconds === undefined || ttlSeconds === 0 ? undefined : Date.now() + ttlSeconds * 1_000;
}

function found<T>(key: string, state: StoredState<T> | undefined): StoredState<T> {
  if (state === undefined) throw new StorageError('KeyNotFound', `key not found: ${key}`, { key });
  return state;
}

function parseRevision(resourceVersion: string | undefined): number {
  if (resourceVersion === undefined || resourceVersion === '') return 0;
  if (!/^\d{1,16}$/.test(resourceVersion)) {
    throw new StorageError('InvalidResourceVersion', `invalid resource version: ${resourceVersion}`);
  }
  return Number(resourceVersion);
}

function storageError(error: unknown): StorageError {
  if (isStorageError(error)) return error;
  const code = isTableError(error, 'Throttled')
    ? 'Throttled'
    : isTableError(error, 'Unreachable', 'Refused')
      ? 'Unreachable'
      : isTableError(error, 'TooLarge')
        ? 'ObjectTooLarge'
        : 'Timeout';
  return new StorageError(code, (error as Error).message, { cause: error });
}
