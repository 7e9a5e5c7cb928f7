/** `StorageFactory` over one DynamoDB table. */

import { randomBytes } from 'node:crypto';
import { type Clock, systemClock } from '../../util/clock.ts';
import { StorageError } from '../errors.ts';
import type { PairIndex, PrefetchKind, Storage, StorageConfig, StorageFactory } from '../storage.ts';
import type { StorageLedger } from '../storage-ledger.ts';
import { DynamoDBStorage } from './dynamodb-storage.ts';
import type { DynamoDBTable } from './dynamodb-table.ts';
import { Heads } from './heads.ts';
import type { ResourceContext } from './layout.ts';
import type { HintsOf } from './log-hints.ts';
import type { plant } from './plant.ts';
import { DEFAULT_PROTOCOL, type Protocol } from './protocol.ts';
import { newStorageMemory, type StorageMemory } from './storage-memory.ts';
import { TablePairs } from './table-pairs.ts';
import type { PrefetchedHead } from './tail-opening.ts';
import { WrittenResources } from './written-resources.ts';

export interface StorageTuning {
  /** Shared with other factories of the process, in place of this factory's own budgets. */
  readonly memory?: StorageMemory | undefined;
  /**
   * Bytes of objects kept in memory, all resources together; beyond it, the least recently used resource is evicted.
   */
  readonly memoryBytes?: number | undefined;
  /** Bytes of encodings kept beside objects, all resources together. */
  readonly formBytes?: number | undefined;
  /** Bytes of recent changes kept in memory for watches, per resource. */
  readonly windowBytes?: number | undefined;
  readonly protocol?: Partial<Protocol> | undefined;
  readonly clock?: Clock | undefined;
  /** Hints between the processes that share the table; absent: none. */
  readonly hintsOf?: HintsOf | undefined;
  /** Accounts for what is stored, and enforces limits. */
  readonly ledger?: StorageLedger | undefined;
  /** For the only writer of the table. Absent: first objects are created like all others. */
  readonly plant?: typeof plant | undefined;
}

export interface DynamoDBStorageFactoryOptions extends StorageTuning {
  /** Closed by the factory. */
  readonly table: DynamoDBTable;
}

const WINDOW_BYTES = 4 * 1024 * 1024;

export class DynamoDBStorageFactory implements StorageFactory {
  readonly #options: StorageTuning;
  readonly #clock: Clock;
  readonly #table: DynamoDBTable;
  readonly #heads: Heads;
  readonly #written: WrittenResources;
  readonly #memory: StorageMemory;
  readonly #storages = new Map<string, DynamoDBStorage<unknown>>();
  /**
   * The last prefetched head of a resource that has no storage yet. Only one is kept, since names come from clients.
   */
  #prefetched: (PrefetchedHead & { readonly resourcePrefix: string }) | undefined;
  readonly #pairs = new Map<string, TablePairs>();
  readonly #protocol: Protocol;
  /** The last protocol with a shorter retention: most resources have the same. */
  #shorter: Protocol | undefined;
  readonly #writer = randomBytes(9).toString('base64url');

  constructor(options: DynamoDBStorageFactoryOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#protocol = { ...DEFAULT_PROTOCOL, ...options.protocol };
    this.#table = options.table;
    const of = { table: this.#table, clock: this.#clock, protocol: this.#protocol };
    this.#heads = new Heads(of);
    this.#written = new WrittenResources(of);
    this.#memory = options.memory ?? newStorageMemory(options.memoryBytes, options.formBytes);
  }

  storageFor<T>(config: StorageConfig<T>): Storage<T> {
    return this.#storageFor(config);
  }

  pairs(name: string): PairIndex {
    let pairs = this.#pairs.get(name);
    if (pairs === undefined) {
      pairs = new TablePairs({ name, table: this.#table, clock: this.#clock, protocol: this.#protocol });
      this.#pairs.set(name, pairs);
    }
    return pairs;
  }

  async sweepExpired<T>(config: StorageConfig<T>): Promise<number> {
    return await this.#storageFor(config).sweepExpired();
  }

  async removeLeftovers<T>(config: StorageConfig<T>): Promise<number> {
    return await this.#storageFor(config).removeLeftovers();
  }

  async fastForward<T>(config: StorageConfig<T>, revision: number): Promise<void> {
    await this.#storageFor(config).fastForward(revision);
  }

  /** The context for `checkResource` and `repairResource`. */
  contextOf<T>(config: StorageConfig<T>): ResourceContext<T> {
    return {
      config: { ...config, formBudget: this.#memory.forms, contents: this.#memory.contents },
      table: this.#table,
      clock: this.#clock,
      protocol: this.#protocolOf(config),
      heads: this.#heads,
      written: this.#written,
      writer: this.#writer,
      hints: this.#options.hintsOf?.(config.resourcePrefix),
      ledger: this.#options.ledger,
      hasRoom: this.#memory.hasRoom,
    };
  }

  async newestRevision(resourcePrefix: string): Promise<number> {
    return (await this.#heads.readRecent(resourcePrefix)).next;
  }

  prefetch(resourcePrefix: string, what: PrefetchKind = 'read'): void {
    const storage = this.#storages.get(resourcePrefix);
    if (storage !== undefined) {
      storage.prefetch(what);
      return;
    }
    const head = this.#heads.read(resourcePrefix);
    // Consumers of the promise handle the failure.
    head.catch(() => {});
    this.#prefetched = { resourcePrefix, head, requestedAt: this.#clock.now() };
  }

  follow(resourcePrefixes: Iterable<string>): void {
    // A single process knows of all writes without reading.
    if (!this.#protocol.alone) this.#heads.follow(resourcePrefixes);
  }

  async gatherHeads(): Promise<void> {
    if (!this.#protocol.alone) await this.#heads.gather();
  }

  async refreshHeads(): Promise<void> {
    if (!this.#protocol.alone) await this.#heads.refresh();
  }

  async written(): Promise<ReadonlySet<string> | undefined> {
    return this.#protocol.alone ? undefined : await this.#written.read();
  }

  get plant(): StorageFactory['plant'] {
    const { plant } = this.#options;
    if (!this.#protocol.alone || plant === undefined) return undefined;
    return async (seeds) =>
      await plant(seeds, {
        table: this.#table,
        clock: this.#clock,
        protocol: this.#protocol,
        ledger: this.#options.ledger,
        storageOf: (prefix) => this.#storages.get(prefix),
      });
  }

  objectCounts(): ReadonlyMap<string, number> {
    const counts = new Map<string, number>();
    for (const [prefix, { heldObjects }] of this.#storages) {
      if (heldObjects !== undefined) counts.set(prefix, heldObjects);
    }
    return counts;
  }

  /** Creates the table unless it exists. */
  async createTable(): Promise<void> {
    await this.#table.create();
  }

  async ready(): Promise<void> {
    const { fault } = this.#table;
    if (fault !== undefined) throw new StorageError('Internal', fault);
    try {
      await this.#table.get({ pk: '#ready', sk: '-' }, { consistent: false });
    } catch (cause) {
      throw new StorageError('Unreachable', (cause as Error).message, { cause });
    }
  }

  async close(): Promise<void> {
    for (const storage of this.#storages.values()) storage.close();
    this.#table.close();
  }

  #protocolOf<T>({ historyMs = Number.POSITIVE_INFINITY }: StorageConfig<T>): Protocol {
    if (historyMs >= this.#protocol.retentionMs) return this.#protocol;
    if (this.#shorter?.retentionMs !== historyMs) {
      this.#shorter = { ...this.#protocol, retentionMs: historyMs };
    }
    return this.#shorter;
  }

  /** One storage per resource: its replica, log reader and commits are shared by all users. */
  #storageFor<T>(config: StorageConfig<T>): DynamoDBStorage<T> {
    let storage = this.#storages.get(config.resourcePrefix) as DynamoDBStorage<T> | undefined;
    if (storage === undefined) {
      storage = new DynamoDBStorage({
        context: this.contextOf(config),
        budget: this.#memory.objects,
        windowBytes: this.#options.windowBytes ?? WINDOW_BYTES,
        prefetched: this.#prefetched?.resourcePrefix === config.resourcePrefix ? this.#prefetched : undefined,
      });
      this.#storages.set(config.resourcePrefix, storage as DynamoDBStorage<unknown>);
    }
    return storage;
  }
}
