/**
 * The items of a term index: buckets of keys by term, each key with the object's lead, as of a revision, and a marker
 * with the revision up to which all of them are complete.
 *
 * | item   | pk        | sk                          |
 * |--------|-----------|-----------------------------|
 * | marker | `R#parts` | `index`                     |
 * | bucket | `R#parts` | `index/`generation`/`number |
 */

import { createHash } from 'node:crypto';
import { type Item, isTableError, type Write } from './dynamodb-table.ts';
import { pack, unpack } from './images.ts';
import { LAST_KEY, objectsOf, partsOf, type ResourceContext } from './layout.ts';
import { queryItems } from './query-items.ts';
import { retry } from './retry.ts';
import { open, seal } from './sealed.ts';

/** Version of the buckets' layout. Raised when a new one could be mistaken for an older. */
export const LAYOUT = 2;

/** The revision up to which a generation's buckets are complete. */
export interface Marker {
  readonly layout: number;
  /** Version of leads. */
  readonly format: number;
  readonly revision: number;
  /** No revision after `revision` had been committed at this moment, by the writer's clock. */
  readonly at: number;
  readonly generation: string;
  readonly buckets: number;
  /** Whether buckets of other generations may still exist. */
  readonly hasLeftovers?: boolean | undefined;
}

/** Leads by key, by term. */
export type Bucket = Map<string, Map<string, string>>;

export interface StoredBucket {
  readonly bucket: Bucket;
  /** The revision up to which the bucket is complete. */
  readonly revision: number;
}

/** The whole content of an index. */
export interface Indexed {
  readonly marker: Marker;
  readonly buckets: readonly StoredBucket[];
}

/** One of the buckets of the marker's generation. */
export interface BucketPlace {
  readonly marker: Marker;
  readonly number: number;
}

/** An object has a term, or no longer has it, since a revision. */
export interface Edit {
  readonly term: string;
  readonly key: string;
  readonly lead: string;
  readonly revision: number;
  readonly has: boolean;
}

/** Rejects with StorageError, like all of `Storage`. */
export class TermBuckets<T> {
  readonly #context: ResourceContext<T>;
  readonly #pk: string;
  /** Version of leads that this program writes. */
  readonly format: number;

  constructor(context: ResourceContext<T>) {
    this.#context = context;
    this.format = context.config.leadFormat ?? 1;
    this.#pk = partsOf(objectsOf(context.config.resourcePrefix));
  }

  async marker(): Promise<Marker | undefined> {
    const item = await this.#get('index');
    return item && markerIn(item);
  }

  /** Whether this program can read the marker's index. */
  knows({ layout, format }: Marker): boolean {
    return layout === LAYOUT && format === this.format;
  }

  /** Whether a newer program maintains the index. */
  isNewer({ layout, format }: Marker): boolean {
    return layout > LAYOUT || format > this.format;
  }

  /** The marker and all its buckets, each at least as new as the marker; undefined unless all exist and can be read. */
  async all(): Promise<Indexed | undefined> {
    const range = { pk: this.#pk, from: 'index', to: `index${LAST_KEY}`, consistent: true };
    let marker: Marker | undefined;
    const buckets: StoredBucket[] = [];
    for await (const item of queryItems(this.#context.table, range, this.#context)) {
      if (marker === undefined) {
        if (item.sk !== 'index') return undefined;
        marker = markerIn(item);
        if (!this.knows(marker)) return undefined;
      } else if (item.sk.startsWith(`index/${marker.generation}/`)) {
        const bucket = await this.#decode(item);
        if (bucket === undefined) return undefined;
        buckets.push(bucket);
      }
    }
    return marker?.buckets === buckets.length ? { marker, buckets } : undefined;
  }

  /** Replaces the marker. False: the stored one is not `before`. */
  mark(marker: Marker, before: Marker | undefined): Promise<boolean> {
    const { layout, format, revision, at, generation, buckets, hasLeftovers } = marker;
    const put = {
      ...{ pk: this.#pk, sk: 'index', l: layout, rv: revision, t: at, g: generation, n: buckets },
      ...(format > 1 && { f: format }),
      ...(hasLeftovers && { u: true }),
    };
    return this.write({
      put,
      condition: before === undefined ? { kind: 'absent' } : { kind: 'revision', rv: before.revision },
    });
  }

  /** Undefined also for a bucket that can't be decrypted any more, so that it is rebuilt. */
  async read(at: BucketPlace): Promise<StoredBucket | undefined> {
    const item = await this.#get(keyOf(at));
    return item && (await this.#decode(item));
  }

  async #decode({ sk, d, rv }: Item): Promise<StoredBucket | undefined> {
    const { value } = await open(this.#context, sk, { stored: d as Uint8Array, read: unpack });
    if (value === undefined) return undefined;
    const entries = JSON.parse(Buffer.from(value).toString()) as [string, ...[string, string][]][];
    const bucket: Bucket = new Map(entries.map(([term, ...leads]) => [term, new Map(leads)]));
    return { bucket, revision: rv as number };
  }

  /** The bucket's item as of `revision`; `bytes`: its size as JSON. */
  async item(
    at: BucketPlace,
    bucket: Bucket,
    revision: number,
  ): Promise<{ readonly put: Item; readonly bytes: number }> {
    const sk = keyOf(at);
    const entries = [...bucket].map(([term, leads]) => [term, ...leads]);
    const json = Buffer.from(JSON.stringify(entries));
    const d = await seal(this.#context, sk, await pack(json, this.#context.protocol.packFrom));
    return { put: { pk: this.#pk, sk, rv: revision, d }, bytes: json.length };
  }

  /** Whether the condition held. */
  async write(write: Write): Promise<boolean> {
    try {
      await retry(this.#context, () => this.#context.table.write(write));
      return true;
    } catch (error) {
      if (isTableError(error, 'ConditionFailed')) return false;
      throw error;
    }
  }

  async remove(at: BucketPlace): Promise<void> {
    await this.write({ delete: { pk: this.#pk, sk: keyOf(at) } });
  }

  /**
   * Removes buckets of other generations, except those newer than the marker, which are being built. Older ones that
   * are still being built can't get a marker any more.
   */
  async removeOthers({ generation, revision }: Marker): Promise<void> {
    const range = { pk: this.#pk, from: 'index/', to: `index/${LAST_KEY}`, consistent: true };
    for await (const { pk, sk, rv } of queryItems(this.#context.table, range, this.#context)) {
      if (sk.startsWith(`index/${generation}/`) || (rv as number) > revision) continue;
      await this.write({ delete: { pk, sk } });
    }
  }

  #get(sk: string): Promise<Item | undefined> {
    return retry(this.#context, () => this.#context.table.get({ pk: this.#pk, sk }, { consistent: true }));
  }
}

export function applyEdit(bucket: Bucket, { term, key, lead, has }: Edit): void {
  const leads = bucket.get(term) ?? new Map();
  if (has) leads.set(key, lead);
  else leads.delete(key);
  if (leads.size > 0) bucket.set(term, leads);
  else bucket.delete(term);
}

/** The number of the bucket, out of `buckets`, that contains a term. */
export function bucketOf(term: string, buckets: number): number {
  return createHash('sha256').update(term).digest().readUInt32BE(0) % buckets;
}

const keyOf = ({ marker, number }: BucketPlace): string => `index/${marker.generation}/${number}`;

function markerIn(item: Item): Marker {
  const { l = 1, f = 1, rv, t, g, n, u } = item as unknown as MarkerItem;
  return { layout: l, format: f, revision: rv, at: t, generation: g, buckets: n, hasLeftovers: u };
}

interface MarkerItem {
  readonly l?: number;
  readonly f?: number;
  readonly rv: number;
  readonly t: number;
  readonly g: string;
  readonly n: number;
  readonly u?: boolean;
}
