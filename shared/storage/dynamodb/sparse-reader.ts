/** `SparseReads` of a resource: single rows, and a term index to find them. */

import { BoundedCache, cachedPromise } from '../../util/bounded-cache.ts';
import type { Found, Snapshot, SparseReads, StoredObject } from '../storage.ts';
import type { StoredState } from '../stored-state.ts';
import type { AllLeads } from './all-leads.ts';
import { HeadValidatedCache } from './head-validated-cache.ts';
import type { ResourceContext } from './layout.ts';
import type { LogTail } from './log-tail.ts';
import type { ObjectRows, Row } from './object-rows.ts';
import type { ResourceReader } from './resource-reader.ts';
import type { RevisionLog } from './revision-log.ts';
import type { Sequencer } from './sequencer.ts';
import type { FoundKeys, TermIndex } from './term-index.ts';

export interface SparseReaderOptions<T> {
  readonly context: ResourceContext<T>;
  readonly rows: ObjectRows<T>;
  readonly log: RevisionLog<T>;
  readonly sequencer: Sequencer<T>;
  readonly tail: LogTail<T>;
  readonly reader: ResourceReader<T>;
}

interface RangeRows<T> {
  readonly rows: readonly Row<T>[];
  readonly lastKey: string | undefined;
}

/** Number of objects from which a full read is better than single ones. */
const MAX_SINGLE_READS = 100;

export class SparseReader<T> implements SparseReads<T> {
  readonly #options: SparseReaderOptions<T>;
  #loaded: Promise<TermIndex<T>> | undefined;
  #leads: Promise<AllLeads<T>> | undefined;
  readonly #read = new BoundedCache<string, Promise<Row<T> | undefined>>({ max: MAX_SINGLE_READS });
  #readOf: object | undefined;
  readonly #ranges: HeadValidatedCache<RangeRows<T>>;
  readonly #rows: HeadValidatedCache<Row<T> | undefined>;

  constructor(options: SparseReaderOptions<T>) {
    this.#options = options;
    const { context, tail } = options;
    const { heads, config } = context;
    const of = { heads, resourcePrefix: config.resourcePrefix, newestKnown: () => tail.newestKnown };
    this.#rows = new HeadValidatedCache({ ...of, isCacheable: (row) => row?.state?.corrupt === undefined });
    this.#ranges = new HeadValidatedCache({
      ...of,
      isCacheable: ({ rows }) => rows.length <= MAX_SINGLE_READS,
    });
  }

  held(maxStalenessMs: number): Promise<Snapshot<T> | undefined> {
    return this.#options.reader.held(maxStalenessMs);
  }

  async below(
    prefix: string,
    {
      maxStalenessMs,
      atMost = Number.POSITIVE_INFINITY,
    }: { maxStalenessMs: number; atMost?: number | undefined },
  ): Promise<readonly StoredObject<T>[] | undefined> {
    const name = `${atMost} ${prefix}`;
    const bounds = { maxBytes: Number.POSITIVE_INFINITY, maxRows: atMost };
    const kept = await this.#ranges.find(name, maxStalenessMs);
    const { rows, lastKey } =
      kept?.value ??
      (await this.#ranges.keep(name, async () => {
        const read = await this.#options.rows.readRange({ prefix }, bounds);
        for (const { revision } of read.rows) this.#options.tail.raiseFloor(revision);
        return read;
      }));
    return lastKey === undefined ? rows.flatMap((row) => this.#alive(row) ?? []) : undefined;
  }

  async having(terms: readonly string[], maxStalenessMs: number): Promise<Found<T> | undefined> {
    const found = await (await this.#index())?.find(terms, maxStalenessMs);
    if (found === undefined || found.leads.size > MAX_SINGLE_READS) return undefined;
    return { leads: [...found.leads.values()], read: () => this.#readAll(found, terms, maxStalenessMs) };
  }

  async leads(maxStalenessMs: number): Promise<ReadonlyMap<string, string> | undefined> {
    const { context, reader } = this.#options;
    if (context.config.terms === undefined || reader.heldObjects !== undefined) return undefined;
    this.#leads ??= import('./all-leads.ts').then(({ AllLeads }) => new AllLeads(this.#options));
    return await (await this.#leads).read(maxStalenessMs);
  }

  async index(): Promise<void> {
    await (await this.#index())?.update();
  }

  /** Undefined if the resource has no terms. Loaded lazily, since most processes don't need it. */
  async #index(): Promise<TermIndex<T> | undefined> {
    const { context, reader } = this.#options;
    if (context.config.terms === undefined) return undefined;
    this.#loaded ??= import('./term-index.ts').then(
      ({ TermIndex }) => new TermIndex({ ...this.#options, everything: () => reader.everything() }),
    );
    return await this.#loaded;
  }

  async #readAll(
    { leads, of }: FoundKeys,
    terms: readonly string[],
    maxStalenessMs: number,
  ): Promise<readonly StoredObject<T>[]> {
    const rows = await Promise.all([...leads.keys()].map((key) => this.#row(key, of, maxStalenessMs)));
    const { config } = this.#options.context;
    return rows
      .flatMap((row) => this.#alive(row) ?? [])
      .filter((state) => config.terms!(state.object()).some((term) => terms.includes(term)));
  }

  /** The current row; a cached one, if nothing was written to the resource since. */
  async #row(key: string, of: object | undefined, maxStalenessMs: number): Promise<Row<T> | undefined> {
    const { rows } = this.#options;
    const kept = await this.#rows.find(key, maxStalenessMs);
    if (kept !== undefined) return kept.value;
    if (of === undefined) return await this.#rows.keep(key, () => rows.read(key));
    if (this.#readOf !== of) this.#read.clear();
    this.#readOf = of;
    return await cachedPromise(this.#read, key, () => rows.read(key));
  }

  #alive(row: Row<T> | undefined): StoredState<T> | undefined {
    const { context, reader, tail } = this.#options;
    if (row === undefined) return undefined;
    tail.raiseFloor(row.revision);
    return row.state?.expiredAt(context.clock.now()) ? undefined : reader.checked(row.state);
  }
}
