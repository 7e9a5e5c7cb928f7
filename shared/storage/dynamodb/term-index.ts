/**
 * Index of objects by term, stored beside the objects. The log is the source of truth: a reader applies the changes
 * after the marker, so writers need not maintain the index, and one that is behind, missing, or of another layout only
 * costs reads.
 */

import { randomBytes } from 'node:crypto';
import { BoundedCache, cachedPromise } from '../../util/bounded-cache.ts';
import { entryOf } from '../../util/entry-of.ts';
import { isStorageError } from '../errors.ts';
import type { StoredState } from '../stored-state.ts';
import { compareKeys } from './compare-keys.ts';
import type { Head } from './heads.ts';
import { changesAfter } from './index-changes.ts';
import type { ResourceContext } from './layout.ts';
import type { LogTail } from './log-tail.ts';
import type { Change, RevisionLog } from './revision-log.ts';
import type { Sequencer } from './sequencer.ts';
import {
  applyEdit,
  type Bucket,
  type BucketPlace,
  bucketOf,
  type Edit,
  LAYOUT,
  type Marker,
  TermBuckets,
} from './term-buckets.ts';

export interface TermIndexOptions<T> {
  readonly context: ResourceContext<T>;
  readonly log: RevisionLog<T>;
  readonly sequencer: Sequencer<T>;
  readonly tail: LogTail<T>;
  /** The newest state, including expired objects, since other processes' clocks may be behind. */
  readonly everything: () => Promise<{
    readonly revision: number;
    readonly states: readonly StoredState<T>[];
  }>;
}

/** Result of a search. */
export interface FoundKeys {
  /** Keys in order, each with its lead. */
  readonly leads: ReadonlyMap<string, string>;
  /**
   * The same value for as long as nothing is written to the resource: rows read under it stay valid. Unset: writes may
   * be in flight, or not visible yet.
   */
  readonly of: object | undefined;
}

interface State<T> {
  readonly marker: Marker;
  /** Since when this process knows that every taken revision is decided, and included in the marker's buckets. */
  readonly settledAt: number | undefined;
  /** The changes committed since; undefined: the log no longer has them. */
  readonly changes: Promise<readonly Change<T>[] | undefined>;
}

/** Initial size of a bucket as JSON: about one read unit. */
const BUCKET_BYTES = 8 * 1024;
/** Size of a bucket from which the index is rebuilt with more buckets. */
const MAX_BUCKET_BYTES = 64 * 1024;
const MAX_BUCKETS = 256;
/** Number of buckets that a process caches. */
const REMEMBERED = 64;
const ATTEMPTS = 10;

export class TermIndex<T> {
  readonly #options: TermIndexOptions<T>;
  readonly #buckets: TermBuckets<T>;
  #state: { readonly at: number; readonly value: Promise<State<T> | undefined> } | undefined;
  /** The last state in which no writes were in flight. */
  #settled: State<T> | undefined;
  /** Buckets of the last marker read. */
  readonly #read = new BoundedCache<number, Promise<Bucket | undefined>>({ max: REMEMBERED });
  #readUnder = '';

  constructor(options: TermIndexOptions<T>) {
    this.#options = options;
    this.#buckets = new TermBuckets(options.context);
  }

  /**
   * Keys of all objects that have one of `terms`, in order, each with its lead, and perhaps of some that had;
   * undefined: unknown. Includes everything committed more than `maxStalenessMs` ago.
   */
  async find(terms: readonly string[], maxStalenessMs: number): Promise<FoundKeys | undefined> {
    const state = await this.#current(maxStalenessMs);
    if (state === undefined) return undefined;
    const { marker } = state;
    const numbers = [...new Set(terms.map((term) => bucketOf(term, marker.buckets)))];
    const [changes, ...buckets] = await Promise.all([
      state.changes,
      ...numbers.map((number) => this.#bucket(marker, number)),
    ]);
    if (changes === undefined) return undefined;
    const found = new Map<string, string>();
    for (const bucket of buckets) {
      if (bucket === undefined) return undefined;
      for (const term of terms) for (const [key, lead] of bucket.get(term) ?? []) found.set(key, lead);
    }
    for (const { key, after } of changes) {
      if (after !== undefined && this.#termsOf(after).some((term) => terms.includes(term)))
        found.set(key, this.#leadOf(after));
    }
    const leads = new Map([...found].sort(([a], [b]) => compareKeys(a, b)));
    const { clock, protocol } = this.#options.context;
    const isVisible = state.settledAt !== undefined && clock.now() - state.settledAt >= protocol.settleMs;
    return { leads, of: isVisible ? state : undefined };
  }

  /** Updates the index with all committed changes. Safe to run concurrently, and to interrupt. */
  async update(): Promise<void> {
    const { context, sequencer } = this.#options;
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const [stored, head] = await Promise.all([this.#buckets.marker(), sequencer.read()]);
      if (stored !== undefined && this.#buckets.isNewer(stored)) return;
      const marker = stored !== undefined && this.#buckets.knows(stored) ? stored : undefined;
      if (marker?.hasLeftovers) await this.#sweep(marker);
      if (marker !== undefined && head.next <= marker.revision) return;
      const isYoung = marker !== undefined && context.clock.now() - marker.at < context.protocol.youngMs;
      if ((isYoung && (await this.#advance(marker))) || (await this.#rebuild(stored))) break;
    }
    this.#state = undefined;
    this.#settled = undefined;
  }

  #current(maxStalenessMs: number): Promise<State<T> | undefined> {
    const { clock, config, heads } = this.#options.context;
    const now = clock.now();
    if (this.#state === undefined || now - this.#state.at >= maxStalenessMs) {
      const cached = maxStalenessMs > 0 ? heads.cached(config.resourcePrefix, maxStalenessMs) : undefined;
      const value = this.#readState(cached?.head);
      this.#state = { at: cached?.requestedAt ?? now, value };
      value.catch(() => {
        this.#state = undefined;
      });
    }
    return this.#state.value;
  }

  /** `cached`: the head, if it was read a moment ago. */
  async #readState(cached: Promise<Head> | undefined): Promise<State<T> | undefined> {
    const { context, sequencer } = this.#options;
    const settled = this.#settled;
    const current = cached ?? sequencer.read();
    if (settled !== undefined && (await current).next <= settled.marker.revision) return settled;
    this.#settled = undefined;
    // The marker may be read after the head: if it isn't behind the head, the buckets include everything up to the
    // head.
    const [marker, head] = await Promise.all([this.#buckets.marker(), current]);
    if (marker === undefined || !this.#buckets.knows(marker)) return undefined;
    if (head.next <= marker.revision) {
      this.#settled = { marker, settledAt: context.clock.now(), changes: Promise.resolve([]) };
      return this.#settled;
    }
    // In parallel with the buckets: changes that they lack are above the marker.
    const changes = changesAfter(marker, head, this.#options);
    changes.catch(() => {
      this.#state = undefined;
    });
    return { marker, settledAt: undefined, changes };
  }

  async #bucket(marker: Marker, number: number): Promise<Bucket | undefined> {
    const under = `${marker.generation} ${marker.revision}`;
    if (this.#readUnder !== under) this.#read.clear();
    this.#readUnder = under;
    const read = cachedPromise(
      this.#read,
      number,
      async () => (await this.#buckets.read({ marker, number }))?.bucket,
    );
    const bucket = await read;
    if (bucket === undefined) this.#read.delete(number, read);
    return bucket;
  }

  /** Updates the buckets, then the marker, with all changes of the log. False: they must be rebuilt. */
  async #advance(marker: Marker): Promise<boolean> {
    const { context, tail } = this.#options;
    const at = context.clock.now();
    await tail.sync();
    const revision = tail.position;
    if (revision <= marker.revision) return true;
    const edits = new Map<number, Edit[]>();
    try {
      for await (const changes of tail.history.between(marker.revision, revision)) {
        for (const change of changes) {
          for (const edit of this.#editsOf(change)) {
            const number = bucketOf(edit.term, marker.buckets);
            entryOf(edits, number, () => []).push(edit);
          }
        }
      }
    } catch (error) {
      if (isStorageError(error, 'Expired')) return false;
      throw error;
    }
    for (const [number, list] of edits) {
      if (!(await this.#edit({ marker, number }, list, revision))) return false;
    }
    await this.#buckets.mark({ ...marker, revision, at, hasLeftovers: undefined }, marker);
    return true;
  }

  /** Updates the bucket to `revision` or later. */
  async #edit(at: BucketPlace, edits: readonly Edit[], revision: number): Promise<boolean> {
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const read = await this.#buckets.read(at);
      if (read === undefined) return false;
      if (read.revision >= revision) return true;
      for (const edit of edits) if (edit.revision > read.revision) applyEdit(read.bucket, edit);
      const { put, bytes } = await this.#buckets.item(at, read.bucket, revision);
      if (bytes > MAX_BUCKET_BYTES) return false;
      if (await this.#buckets.write({ put, condition: { kind: 'revision', rv: read.revision } })) return true;
    }
    return false;
  }

  /** Rebuilds all buckets under a unique name. Returns whether no other process was faster. */
  async #rebuild(before: Marker | undefined): Promise<boolean> {
    const at = this.#options.context.clock.now();
    const { revision, states } = await this.#options.everything();
    const edits = states.flatMap((item) => this.#editsTo(item, { revision, has: true }));
    const bytes = edits.reduce(
      (sum, { term, key, lead }) => sum + term.length + key.length + lead.length + 9,
      0,
    );
    const buckets = Math.min(2 ** Math.max(0, Math.ceil(Math.log2(bytes / BUCKET_BYTES))), MAX_BUCKETS);
    const generation = randomBytes(9).toString('base64url');
    const { format } = this.#buckets;
    const marker = { layout: LAYOUT, format, revision, at, generation, buckets, hasLeftovers: true };
    const made = Array.from({ length: buckets }, (): Bucket => new Map());
    for (const edit of edits) applyEdit(made[bucketOf(edit.term, buckets)]!, edit);
    for (const [number, bucket] of made.entries()) {
      const { put } = await this.#buckets.item({ marker, number }, bucket, revision);
      // Conditional, in case this request arrives late: the bucket may have been updated by then.
      await this.#buckets.write({ put, condition: { kind: 'absent' } });
    }
    const marked = await this.#buckets.mark(marker, before);
    if (marked) await this.#sweep(marker);
    else for (let number = 0; number < buckets; number++) await this.#buckets.remove({ marker, number });
    return marked;
  }

  /** Removes buckets of earlier generations and of interrupted rebuilds. */
  async #sweep(marker: Marker): Promise<void> {
    await this.#buckets.removeOthers(marker);
    await this.#buckets.mark({ ...marker, hasLeftovers: undefined }, marker);
  }

  #editsOf({ revision, before, after }: Change<T>): Edit[] {
    return [
      ...(before === undefined ? [] : this.#editsTo(before, { revision, has: false })),
      ...(after === undefined ? [] : this.#editsTo(after, { revision, has: true })),
    ];
  }

  #editsTo(state: StoredState<T>, edit: Pick<Edit, 'revision' | 'has'>): Edit[] {
    const lead = edit.has ? this.#leadOf(state) : '';
    return this.#termsOf(state).map((term) => ({ ...edit, term, key: state.key, lead }));
  }

  #termsOf(state: StoredState<T>): readonly string[] {
    return this.#options.context.config.terms?.(state.object()) ?? [];
  }

  #leadOf(state: StoredState<T>): string {
    return this.#options.context.config.lead?.(state.object()) ?? '';
  }
}
