/**
 * Which objects have a term, beside the objects: buckets of keys by term, each key with the object's lead, as of a
 * revision, and a marker that says up to which revision all of them are. The log is the truth: whoever reads takes what
 * the log tells after the marker, so that writers need know nothing of this, and an index that is behind, missing, or of
 * another layout costs reads and nothing else.
 *
 * | item   | pk        | sk                          |
 * |--------|-----------|-----------------------------|
 * | marker | `R#parts` | `index`                     |
 * | bucket | `R#parts` | `index/`generation`/`number |
 */

import { createHash, randomBytes } from 'node:crypto';
import { appendAll } from '../../util/append-all.ts';
import { isStorageError } from '../errors.ts';
import type { StoredState } from '../stored-state.ts';
import { compareKeys } from './compare-keys.ts';
import { type Item, isTableError, type Write } from './dynamodb-table.ts';
import { pack, unpack } from './images.ts';
import { objectsOf, partsOf, type ResourceContext } from './layout.ts';
import { isBreak } from './log-history.ts';
import type { LogTail } from './log-tail.ts';
import { retry } from './retry.ts';
import type { Change, RevisionLog } from './revision-log.ts';
import { open, seal } from './sealed.ts';
import type { Sequencer } from './sequencer.ts';

export interface TermIndexOptions<T> {
  readonly context: ResourceContext<T>;
  readonly log: RevisionLog<T>;
  readonly sequencer: Sequencer<T>;
  readonly tail: LogTail<T>;
  /** The newest state, expired objects included: others' clocks may be late. */
  readonly everything: () => Promise<{
    readonly revision: number;
    readonly states: readonly StoredState<T>[];
  }>;
}

/** Of buckets. Raised when another one could not be told from it. */
const LAYOUT = 2;

/** Up to where the buckets of a generation tell all. */
interface Marker {
  readonly layout: number;
  readonly revision: number;
  /** Nothing after `revision` was committed at this moment, by the clock of who wrote it. */
  readonly at: number;
  readonly generation: string;
  readonly buckets: number;
}

interface State<T> {
  readonly marker: Marker;
  /** What was committed since; undefined: nobody can tell any more. */
  readonly changes: Promise<readonly Change<T>[] | undefined>;
}

/** Leads by key, by term. */
type Bucket = Map<string, Map<string, string>>;

/** Bytes of a bucket as JSON when it is made: about one read unit. */
const BUCKET_BYTES = 8 * 1024;
/** Grown to more, all are made anew, as more. */
const MAX_BUCKET_BYTES = 64 * 1024;
const MAX_BUCKETS = 256;
/** Who is further behind had better read everything. */
const MAX_BEHIND = 256;
/** Buckets that a process remembers. */
const REMEMBERED = 64;
const ATTEMPTS = 10;

export class TermIndex<T> {
  readonly #options: TermIndexOptions<T>;
  readonly #pk: string;
  #state: { readonly at: number; readonly value: Promise<State<T> | undefined> } | undefined;
  /** Of the marker that was read last. */
  readonly #read = new Map<string, Bucket>();
  #readUnder = '';

  constructor(options: TermIndexOptions<T>) {
    this.#options = options;
    this.#pk = partsOf(objectsOf(options.context.config.resourcePrefix));
  }

  /**
   * Keys of all objects that have one of `terms`, in order, each with its lead, and perhaps of some that had; undefined:
   * not known. Everything committed more than `maxStalenessMs` ago is in it.
   */
  async find(
    terms: readonly string[],
    maxStalenessMs: number,
  ): Promise<ReadonlyMap<string, string> | undefined> {
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
    return new Map([...found].sort(([a], [b]) => compareKeys(a, b)));
  }

  /** Brings the index up to what is committed. Safe to run at once with others, and to be broken off. */
  async update(): Promise<void> {
    const { context, sequencer } = this.#options;
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const [stored, head] = await Promise.all([this.#marker(), sequencer.read()]);
      // Of a newer program than this one, which keeps it.
      if (stored !== undefined && stored.layout > LAYOUT) return;
      const marker = stored?.layout === LAYOUT ? stored : undefined;
      if (marker !== undefined && head.next <= marker.revision) return;
      const isYoung = marker !== undefined && context.clock.now() - marker.at < context.protocol.youngMs;
      if ((isYoung && (await this.#advance(marker))) || (await this.#rebuild(stored))) break;
    }
    this.#state = undefined;
  }

  #current(maxStalenessMs: number): Promise<State<T> | undefined> {
    const now = this.#options.context.clock.now();
    if (this.#state === undefined || now - this.#state.at >= maxStalenessMs) {
      const value = this.#readState(now);
      this.#state = { at: now, value };
      value.catch(() => {
        this.#state = undefined;
      });
    }
    return this.#state.value;
  }

  async #readState(now: number): Promise<State<T> | undefined> {
    const { context, sequencer } = this.#options;
    const [marker, head] = await Promise.all([this.#marker(), sequencer.read()]);
    if (marker?.layout !== LAYOUT) return undefined;
    if (head.next <= marker.revision) return { marker, changes: Promise.resolve([]) };
    // Entries after so old a marker may be gone.
    const isYoung = now - marker.at < context.protocol.youngMs;
    if (!isYoung || head.next - marker.revision > MAX_BEHIND) return undefined;
    // Beside the buckets, which may be read before it or after it: what they miss is above the marker.
    const changes = this.#changesAfter(marker.revision);
    changes.catch(() => {
      this.#state = undefined;
    });
    return { marker, changes };
  }

  async #changesAfter(revision: number): Promise<readonly Change<T>[] | undefined> {
    const changes: Change<T>[] = [];
    for (let after = revision; after < Number.POSITIVE_INFINITY; ) {
      const page = await this.#options.log.readAfter(after, { consistent: true });
      appendAll(changes, page.changes);
      after = page.through;
    }
    return changes.some(isBreak) ? undefined : changes;
  }

  async #bucket(marker: Marker, number: number): Promise<Bucket | undefined> {
    const under = `${marker.generation} ${marker.revision}`;
    if (this.#readUnder !== under || this.#read.size >= REMEMBERED) this.#read.clear();
    this.#readUnder = under;
    const sk = bucketKey(marker, number);
    let bucket = this.#read.get(sk);
    if (bucket === undefined) {
      bucket = (await this.#readBucket(sk))?.bucket;
      if (bucket !== undefined && this.#readUnder === under) this.#read.set(sk, bucket);
    }
    return bucket;
  }

  /** Whether the buckets, and then the marker, tell of all that the log does. Where they can't, they are to be made anew. */
  async #advance(marker: Marker): Promise<boolean> {
    const { context, tail } = this.#options;
    const at = context.clock.now();
    await tail.sync();
    const revision = tail.position;
    if (revision <= marker.revision) return true;
    const edits = new Map<number, Edit[]>();
    try {
      for await (const changes of tail.history(marker.revision, revision)) {
        for (const change of changes) {
          for (const edit of this.#editsOf(change)) {
            const number = bucketOf(edit.term, marker.buckets);
            edits.set(number, [...(edits.get(number) ?? []), edit]);
          }
        }
      }
    } catch (error) {
      if (isStorageError(error, 'Expired')) return false;
      throw error;
    }
    for (const [number, list] of edits) {
      if (!(await this.#edit(bucketKey(marker, number), list, revision))) return false;
    }
    await this.#mark({ ...marker, revision, at }, marker);
    return true;
  }

  /** Leaves the bucket as of `revision`, or later. */
  async #edit(sk: string, edits: readonly Edit[], revision: number): Promise<boolean> {
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const read = await this.#readBucket(sk);
      if (read === undefined) return false;
      if (read.revision >= revision) return true;
      for (const edit of edits) if (edit.revision > read.revision) apply(read.bucket, edit);
      const { put, bytes } = await this.#bucketItem(sk, read.bucket, revision);
      if (bytes > MAX_BUCKET_BYTES) return false;
      if (await this.#write({ put, condition: { kind: 'revision', rv: read.revision } })) return true;
    }
    return false;
  }

  /** All buckets anew, under a name that nobody else writes to. Whether nobody was faster. */
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
    const marker = { layout: LAYOUT, revision, at, generation, buckets };
    const made = Array.from({ length: buckets }, (): Bucket => new Map());
    for (const edit of edits) apply(made[bucketOf(edit.term, buckets)]!, edit);
    for (const [number, bucket] of made.entries()) {
      const { put } = await this.#bucketItem(bucketKey(marker, number), bucket, revision);
      // Not again, should this request come late: by then it may hold more.
      await this.#write({ put, condition: { kind: 'absent' } });
    }
    const marked = await this.#mark(marker, before);
    const useless = marked ? before : marker;
    for (let number = 0; number < (useless?.buckets ?? 0); number++) {
      await this.#write({ delete: { pk: this.#pk, sk: bucketKey(useless!, number) } });
    }
    return marked;
  }

  async #marker(): Promise<Marker | undefined> {
    const item = await this.#item('index');
    return item && markerIn(item);
  }

  #mark(marker: Marker, before: Marker | undefined): Promise<boolean> {
    const { layout, revision, at, generation, buckets } = marker;
    const put = { pk: this.#pk, sk: 'index', l: layout, rv: revision, t: at, g: generation, n: buckets };
    return this.#write({
      put,
      condition: before === undefined ? { kind: 'absent' } : { kind: 'revision', rv: before.revision },
    });
  }

  async #bucketItem(
    sk: string,
    bucket: Bucket,
    revision: number,
  ): Promise<{ readonly put: Item; readonly bytes: number }> {
    const { context } = this.#options;
    const entries = [...bucket].map(([term, leads]) => [term, ...leads]);
    const json = Buffer.from(JSON.stringify(entries));
    const d = await seal(context, sk, await pack(json, context.protocol.packFrom));
    return { put: { pk: this.#pk, sk, rv: revision, d }, bytes: json.length };
  }

  async #readBucket(sk: string): Promise<{ readonly bucket: Bucket; readonly revision: number } | undefined> {
    const item = await this.#item(sk);
    if (item === undefined) return undefined;
    const { value } = await open(this.#options.context, sk, {
      stored: item['d'] as Uint8Array,
      read: unpack,
    });
    // What can't be decrypted any more is made anew.
    if (value === undefined) return undefined;
    const entries = JSON.parse(Buffer.from(value).toString()) as [string, ...[string, string][]][];
    const bucket: Bucket = new Map(entries.map(([term, ...leads]) => [term, new Map(leads)]));
    return { bucket, revision: item['rv'] as number };
  }

  #item(sk: string): Promise<Item | undefined> {
    const { context } = this.#options;
    return retry(context, () => context.table.get({ pk: this.#pk, sk }, { consistent: true }));
  }

  /** Whether the condition held. */
  async #write(write: Write): Promise<boolean> {
    const { context } = this.#options;
    try {
      await retry(context, () => context.table.write(write));
      return true;
    } catch (error) {
      if (isTableError(error, 'ConditionFailed')) return false;
      throw error;
    }
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

interface Edit {
  readonly term: string;
  readonly key: string;
  readonly lead: string;
  readonly revision: number;
  readonly has: boolean;
}

function apply(bucket: Bucket, { term, key, lead, has }: Edit): void {
  const leads = bucket.get(term) ?? new Map();
  if (has) leads.set(key, lead);
  else leads.delete(key);
  if (leads.size > 0) bucket.set(term, leads);
  else bucket.delete(term);
}

function bucketOf(term: string, buckets: number): number {
  return createHash('sha256').update(term).digest().readUInt32BE(0) % buckets;
}

const bucketKey = ({ generation }: Marker, number: number) => `index/${generation}/${number}`;

function markerIn(item: Item): Marker {
  const {
    l = 1,
    rv,
    t,
    g,
    n,
  } = item as unknown as { l?: number; rv: number; t: number; g: string; n: number };
  return { layout: l, revision: rv, at: t, generation: g, buckets: n };
}
