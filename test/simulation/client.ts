/** A client of one process, which records its operations and their outcomes. */

import { encodeContinue, INCONSISTENT } from '../../shared/storage/continue-token.ts';
import { isStorageError } from '../../shared/storage/errors.ts';
import type { Storage, StorageConfig, StorageFactory, StoredObject } from '../../shared/storage/storage.ts';
import type { Action, History, Operation, Outcome, Sighting, Upkeep, WatchRun } from './history.ts';
import type { Random } from './random.ts';
import { readLead, type Thing } from './things.ts';

export interface ClientOptions {
  readonly name: string;
  readonly process: string;
  readonly factory: StorageFactory;
  readonly config: StorageConfig<Thing>;
  /** Milliseconds by a clock shared by all processes. */
  readonly now: () => number;
  readonly history: History;
  /** Contains the running watches. */
  readonly running: Set<WatchRun>;
  readonly newToken: () => string;
}

export class Client {
  readonly #options: ClientOptions;
  readonly #storage: Storage<Thing>;
  /** Objects and revisions seen so far, for later operations. */
  readonly #known = new Map<string, StoredObject<Thing>>();
  readonly #revisions: number[] = [];

  constructor(options: ClientOptions) {
    this.#options = options;
    this.#storage = options.factory.storageFor(options.config);
  }

  someRevision(random: Random): string {
    return this.#revisions.length === 0 ? '' : String(random.pick(this.#revisions));
  }

  async create(key: string, { ttlSeconds }: { ttlSeconds?: number | undefined } = {}): Promise<void> {
    const token = this.#options.newToken();
    const action = { kind: 'write', verb: 'create', key, token, ttlSeconds } as const;
    await this.#record({ ...action, seen: [] }, async () =>
      this.#object(await this.#storage.create(key, thing(key, token), { ttlSeconds })),
    );
  }

  async update(
    key: string,
    {
      upsert = false,
      cached = false,
      ttlSeconds,
    }: { upsert?: boolean; cached?: boolean; ttlSeconds?: number | undefined } = {},
  ): Promise<void> {
    const token = this.#options.newToken();
    const seen: Sighting[] = [];
    await this.#record({ kind: 'write', verb: 'update', key, token, ttlSeconds, seen }, async () => {
      const updated = await this.#storage.guaranteedUpdate(key, {
        ignoreNotFound: upsert,
        ...(cached ? { cached: this.#known.get(key) } : {}),
        tryUpdate: async (current, revision) => {
          if (current !== undefined) seen.push({ key, revision, token: current.token });
          return { object: thing(key, token), ttlSeconds };
        },
      });
      return this.#object(updated);
    });
  }

  async delete(key: string, { cached = false } = {}): Promise<void> {
    await this.#record({ kind: 'write', verb: 'delete', key, token: '', seen: [] }, async () =>
      this.#object(await this.#storage.delete(key, cached ? { cached: this.#known.get(key) } : {})),
    );
  }

  async get(
    key: string,
    resourceVersion = '',
    { readWithinMs = 0, maxStalenessMs }: { readWithinMs?: number; maxStalenessMs?: number | undefined } = {},
  ): Promise<void> {
    await this.#record({ kind: 'get', key, resourceVersion, readWithinMs, maxStalenessMs }, async () => {
      const found = await this.#storage.get(key, { resourceVersion, readWithinMs, maxStalenessMs });
      this.#known.set(key, found);
      return this.#object(found);
    });
  }

  /** Announces that a list may follow. */
  prefetch(): void {
    const { factory, config } = this.#options;
    factory.prefetch(config.resourcePrefix);
  }

  async list({
    prefix,
    resourceVersion = '',
    exact = false,
    goesOn = false,
  }: {
    prefix: string;
    resourceVersion?: string;
    exact?: boolean;
    /** Continues a paged list at the newest revision, which has since expired. */
    goesOn?: boolean;
  }): Promise<void> {
    await this.#record({ kind: 'list', prefix, resourceVersion, exact, paged: false }, async () => {
      const leftBehind = goesOn
        ? (await this.#storage.list({ prefix, limit: 1 })).resourceVersion
        : undefined;
      const { items, resourceVersion: revision } = await this.#storage.list({
        prefix,
        resourceVersion,
        ...(leftBehind !== undefined && {
          continue: encodeContinue({ startKey: ' ', resourceVersion: INCONSISTENT, since: leftBehind }),
        }),
        resourceVersionMatch: exact ? 'Exact' : resourceVersion === '' ? '' : 'NotOlderThan',
      });
      if (revision === leftBehind) throw new Error(`what goes on from ${leftBehind} is of the same revision`);
      return this.#listed(revision, items);
    });
  }

  /** Reads all objects from memory that was current at most `maxStalenessMs` ago. */
  async snapshot(maxStalenessMs: number): Promise<void> {
    const resourceVersion = maxStalenessMs === 0 ? '' : '0';
    await this.#record(
      { kind: 'list', prefix: '', resourceVersion, exact: false, paged: false, shared: true, maxStalenessMs },
      async () => {
        const { items, resourceVersion: revision } = await this.#storage.snapshot(maxStalenessMs);
        return this.#listed(revision, items);
      },
    );
  }

  async find(term: string, maxStalenessMs = 0): Promise<void> {
    await this.#record({ kind: 'find', term, maxStalenessMs }, async () => {
      const items = await (await this.#storage.sparse?.having([term], maxStalenessMs))?.read();
      return items === undefined ? { type: 'ended' } : this.#listed(0, items);
    });
  }

  /** Reads the current objects below a prefix. */
  async below(prefix: string, maxStalenessMs: number): Promise<void> {
    await this.#record({ kind: 'find', prefix, maxStalenessMs }, async () => {
      const items = await this.#storage.sparse?.below(prefix, { maxStalenessMs });
      return items === undefined ? { type: 'ended' } : this.#listed(0, items);
    });
  }

  /** Moves heads together, if they are not yet. */
  async gatherHeads(): Promise<void> {
    await this.#record({ kind: 'upkeep', verb: 'gatherHeads' }, async () => {
      await this.#options.factory.gatherHeads();
      return { type: 'ended' };
    });
  }

  /** Writes the first objects of the resource, without a log, unless it was written to before. */
  async plant(keys: readonly string[]): Promise<void> {
    await this.#record({ kind: 'upkeep', verb: 'plant' }, async () => {
      const { factory, config, newToken } = this.#options;
      const seeds = keys.map((key) => ({ key, bytes: config.codec.encode(thing(key, newToken()), 0) }));
      await factory.plant?.(new Map([[config.resourcePrefix, seeds]]));
      return { type: 'ended' };
    });
  }

  /**
   * Reads whether the resource was ever written to, by the store's list: a resource not listed must have no objects.
   */
  async written(): Promise<void> {
    await this.#record({ kind: 'find' }, async () => {
      const { factory, config } = this.#options;
      const written = await factory.written();
      return written === undefined || written.has(config.resourcePrefix)
        ? { type: 'ended' }
        : this.#listed(0, []);
    });
  }

  /** Reads the index data of all objects, without the objects. */
  async leads(): Promise<void> {
    await this.#record({ kind: 'find' }, async () => {
      const leads = await this.#storage.sparse?.leads(0);
      if (leads === undefined) return { type: 'ended' };
      const items = [...leads].map(([key, lead]): Sighting => {
        const [revision, token] = readLead(lead);
        return { key, revision, token };
      });
      return { type: 'list', revision: 0, items };
    });
  }

  async upkeep(verb: Exclude<Upkeep['verb'], 'gatherHeads' | 'plant'>): Promise<void> {
    await this.#record({ kind: 'upkeep', verb }, async () => {
      const { factory, config } = this.#options;
      if (verb === 'index') await this.#storage.sparse?.index();
      else await factory[verb](config);
      return { type: 'ended' };
    });
  }

  /** Reads a list in pages, all of which must be of the same state. */
  async pages({
    prefix,
    limit,
    pause,
  }: {
    prefix: string;
    limit: number;
    pause: () => Promise<void>;
  }): Promise<void> {
    await this.#record({ kind: 'list', prefix, resourceVersion: '', exact: false, paged: true }, async () => {
      const items: StoredObject<Thing>[] = [];
      let token = '';
      let revision = 0;
      do {
        const page = await this.#storage.list({ prefix, limit, continue: token });
        if (revision > 0 && page.resourceVersion !== revision)
          throw new Error(`a page at ${page.resourceVersion} of a list at ${revision}`);
        revision = page.resourceVersion;
        items.push(...page.items);
        token = page.continue;
        if (token !== '') await pause();
      } while (token !== '');
      return this.#listed(revision, items);
    });
  }

  /** Watches in the background until the watch ends. */
  watch({
    prefix,
    resourceVersion,
    pause = async () => {},
  }: {
    prefix: string;
    resourceVersion: string;
    pause?: () => Promise<void>;
  }): WatchRun {
    const run: WatchRun = { kind: 'watch', prefix, from: undefined, events: [] };
    void this.#record(run, async () => {
      const initial = resourceVersion === '' || resourceVersion === '0';
      const watch = await this.#storage.watch({
        prefix,
        resourceVersion,
        allowBookmarks: true,
        ...(initial ? { sendInitialEvents: true, resourceVersionMatch: 'NotOlderThan' } : {}),
      });
      if (initial) run.initial = [];
      else run.from = Number(resourceVersion);
      this.#options.running.add(run);
      for await (const event of watch) {
        if (event.type === 'BOOKMARK') {
          if (event.initialEventsEnd) {
            run.from = event.resourceVersion;
            run.initialUntil = this.#options.now();
          } else run.events.push({ type: 'BOOKMARK', revision: event.resourceVersion });
        } else if (run.from === undefined) run.initial?.push(sight(event.item));
        else run.events.push({ type: event.type, sighting: sight(event.item) });
        await pause();
      }
      return { type: 'ended' };
    }).finally(() => this.#options.running.delete(run));
    return run;
  }

  async #record<A extends Action>(action: A, perform: () => Promise<Outcome>): Promise<void> {
    const { name, process, now, history } = this.#options;
    const operation: Operation<A> = history.begin({
      client: name,
      process,
      action,
      invokedAt: now(),
    });
    try {
      operation.outcome = await perform();
    } catch (error) {
      // Any error other than a StorageError violates the contract, which the checker reports.
      const code = isStorageError(error) ? error.code : 'not a StorageError';
      operation.outcome = {
        type: 'error',
        code,
        message: error instanceof Error ? (error.stack ?? '') : String(error),
      };
    }
    operation.respondedAt = now();
  }

  #object(found: StoredObject<Thing>): Outcome {
    this.#revisions.push(found.resourceVersion);
    return { type: 'object', sighting: sight(found) };
  }

  #listed(revision: number, items: readonly StoredObject<Thing>[]): Outcome {
    if (revision > 0) this.#revisions.push(revision);
    for (const item of items) this.#known.set(item.key, item);
    return { type: 'list', revision, items: items.map(sight) };
  }
}

function thing(key: string, token: string): Thing {
  return { metadata: { name: key }, token };
}

function sight(item: StoredObject<Thing>): Sighting {
  const { token, metadata } = item.object();
  return {
    key: item.key,
    revision: metadata.resourceVersion === String(item.resourceVersion) ? item.resourceVersion : Number.NaN,
    token,
  };
}
