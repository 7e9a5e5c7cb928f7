/**
 * The leads of all objects, without reading the objects: from a term index, which is a few items in one partition, and
 * the changes that the log has after it. Writers need not maintain the index; where it can't be used, the result is
 * undefined.
 */

import { compareKeys } from './compare-keys.ts';
import { FIRST_REVISION } from './dynamodb-table.ts';
import { changesAfter } from './index-changes.ts';
import type { ResourceContext } from './layout.ts';
import type { LogTail } from './log-tail.ts';
import { type Change, isWrite, type RevisionLog } from './revision-log.ts';
import type { Sequencer } from './sequencer.ts';
import { type Indexed, TermBuckets } from './term-buckets.ts';

export interface AllLeadsOptions<T> {
  readonly context: ResourceContext<T>;
  readonly log: RevisionLog<T>;
  readonly sequencer: Sequencer<T>;
  readonly tail: LogTail<T>;
}

type Leads = ReadonlyMap<string, string>;

interface Reading {
  readonly at: number;
  /** The newest revision known to this process at the time: its own later writes must be included. */
  readonly newestKnown: number;
  readonly value: Promise<Leads | undefined>;
}

/**
 * The index may have been updated by now if it is this many revisions behind: reading it again is cheaper than the log.
 */
const READ_AGAIN_BEHIND = 16;
const NONE: Leads = new Map();

export class AllLeads<T> {
  readonly #options: AllLeadsOptions<T>;
  readonly #buckets: TermBuckets<T>;
  #current: Reading | undefined;
  /** The index as last read. */
  #indexed: Indexed | undefined;
  /** The last result, and the revisions it was computed from. */
  #sortedLeads: { readonly of: string; readonly leads: Leads } | undefined;

  constructor(options: AllLeadsOptions<T>) {
    this.#options = options;
    this.#buckets = new TermBuckets(options.context);
  }

  /** See `SparseReads.leads`. */
  read(maxStalenessMs: number): Promise<Leads | undefined> {
    const { context, tail } = this.#options;
    const now = context.clock.now();
    const isRecent = this.#current !== undefined && now - this.#current.at < maxStalenessMs;
    if (!isRecent || this.#current!.newestKnown !== tail.newestKnown) {
      const current = { at: now, newestKnown: tail.newestKnown, value: this.#read() };
      this.#current = current;
      current.value.catch(() => {
        if (this.#current === current) this.#current = undefined;
      });
    }
    return this.#current!.value;
  }

  async #read(): Promise<Leads | undefined> {
    const remembered = this.#indexed;
    const [read, head] = await Promise.all([
      remembered ?? this.#buckets.all(),
      this.#options.sequencer.read(),
    ]);
    if (head.next === FIRST_REVISION) return NONE;
    const isFar = remembered !== undefined && head.next - remembered.marker.revision > READ_AGAIN_BEHIND;
    const indexed = isFar ? await this.#buckets.all() : read;
    // Changes that the buckets may lack.
    const changes = indexed && (await changesAfter(indexed.marker, head, this.#options))?.filter(isWrite);
    this.#indexed = changes && indexed;
    return changes && (await this.#leadsOf(indexed!, changes));
  }

  async #leadsOf({ marker, buckets }: Indexed, changes: readonly Change<T>[]): Promise<Leads> {
    const revisions = changes.map(({ revision }) => revision);
    const of = `${marker.generation} ${marker.revision} ${revisions.join()}`;
    if (this.#sortedLeads?.of === of) return this.#sortedLeads.leads;
    const leads = new Map(
      buckets.flatMap(({ bucket }) => [...bucket.values()].flatMap((found) => [...found])),
    );
    const { terms, lead } = this.#options.context.config;
    for (const { key, after } of changes) {
      const object = await after?.objectInPieces();
      if (object === undefined || terms!(object).length === 0) leads.delete(key);
      else leads.set(key, lead?.(object) ?? '');
    }
    const sorted = new Map([...leads].sort(([a], [b]) => compareKeys(a, b)));
    this.#sortedLeads = { of, leads: sorted };
    return sorted;
  }
}
