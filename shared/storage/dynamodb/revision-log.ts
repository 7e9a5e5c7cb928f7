/** A resource's log in the table: entries by revision, holes, and the filling of holes. */

import { breathe } from '../../util/breathe.ts';
import { StorageError } from '../errors.ts';
import { StoredState } from '../stored-state.ts';
import { type Item, isTableError, type Write } from './dynamodb-table.ts';
import { unpackImages } from './images.ts';
import {
  decodePart,
  decodeRevision,
  encodeRevision,
  FIRST_KEY,
  LAST_KEY,
  logOf,
  type ResourceContext,
  ttlSeconds,
} from './layout.ts';
import { retry } from './retry.ts';
import { joinParts, open, pauseForParts, readParts } from './sealed.ts';

export type ChangeKind =
  | 'put'
  | 'delete'
  /** A revision that was taken and never written. */
  | 'noop'
  /** A revision of which it is unknown whether it was written: no watch may cross it. */
  | 'break';

/** A decoded log entry. */
export interface Change<T> {
  readonly revision: number;
  readonly kind: ChangeKind;
  /** '' for noop and break. */
  readonly key: string;
  /** Lower bound of the moment the revision was taken, by the allocator's clock; 0: unknown. */
  readonly allocatedAt: number;
  /** Identifies the process that wrote it; set for entries read from the table. */
  readonly writer?: string | undefined;
  readonly after?: StoredState<T> | undefined;
  readonly before?: StoredState<T> | undefined;
}

export function isWrite<T>({ kind }: Change<T>): boolean {
  return kind === 'put' || kind === 'delete';
}

export function isBreak<T>({ kind }: Change<T>): boolean {
  return kind === 'break';
}

export const ENTRY_TYPES: Readonly<Record<ChangeKind, string>> = {
  put: 'p',
  delete: 'd',
  noop: 'n',
  break: 'b',
};
const KINDS = new Map(Object.entries(ENTRY_TYPES).map(([kind, type]) => [type, kind as ChangeKind]));

export interface ReadOptions {
  /** An eventually consistent read costs half; an entry it misses merely looks like a hole. */
  readonly consistent: boolean;
  /** Revisions that the caller has already: they are not decoded again. */
  readonly known?: (revision: number) => boolean;
}

/** Limit of unpacked images in a page; a compressed page of the table may contain a hundred times as much. */
const PAGE_BYTES = 4 * 1024 * 1024;

/** Bytes of the images before and after the change. */
export const imageBytes = <T>({ after, before }: Change<T>): number =>
  (after?.size ?? 0) + (before?.size ?? 0);

export class RevisionLog<T> {
  readonly #context: ResourceContext<T>;
  readonly #pk: string;

  constructor(context: ResourceContext<T>) {
    this.#context = context;
    this.#pk = logOf(context.config.resourcePrefix);
  }

  /**
   * One page of entries above `after`, in order, of some megabytes unpacked. `through`: the revision up to which the page
   * is complete.
   */
  async readAfter(after: number, options: ReadOptions): Promise<{ changes: Change<T>[]; through: number }> {
    const page = await retry(this.#context, () =>
      this.#context.table.query({
        pk: this.#pk,
        from: encodeRevision(after + 1),
        to: LAST_KEY,
        consistent: options.consistent,
      }),
    );
    const changes = await this.#decodeAll(page.items, { known: options.known, maxBytes: PAGE_BYTES });
    const last = changes.at(-1)?.revision ?? 0;
    const isCut = changes.reduce((sum, change) => sum + imageBytes(change), 0) >= PAGE_BYTES;
    if (isCut) return { changes, through: last };
    return {
      changes,
      through: page.lastKey === undefined ? Number.POSITIVE_INFINITY : decodeRevision(page.lastKey),
    };
  }

  /**
   * The newest entries above `after`, in order, back to the page that contains the first entry that satisfies `enough`.
   */
  async readNewest(after: number, enough: (change: Change<T>) => boolean): Promise<Change<T>[]> {
    const from = encodeRevision(after + 1);
    const pages: Change<T>[][] = [];
    let startAfter: string | undefined;
    do {
      const page = await retry(this.#context, () =>
        this.#context.table.query({
          pk: this.#pk,
          from,
          to: LAST_KEY,
          startAfter,
          consistent: true,
          descending: true,
        }),
      );
      const changes = await this.#decodeAll([...page.items].reverse());
      pages.unshift(changes);
      startAfter = changes.some(enough) ? undefined : page.lastKey;
    } while (startAfter !== undefined);
    return pages.flat();
  }

  /** The entry of one revision; undefined if there is none, or it has expired. */
  async read(revision: number): Promise<Change<T> | undefined> {
    const key = { pk: this.#pk, sk: encodeRevision(revision) };
    const item = await retry(this.#context, () => this.#context.table.get(key, { consistent: true }));
    return item && (await this.decode(item));
  }

  /** Fills a hole with a noop or a break; returns the resulting entry: that, or one written concurrently. */
  async fill(revision: number, kind: 'noop' | 'break', allocatedAt: number): Promise<Change<T>> {
    try {
      await retry(this.#context, () =>
        this.#context.table.write(this.fillWrite(revision, kind, allocatedAt)),
      );
    } catch (error) {
      if (!isTableError(error, 'ConditionFailed')) throw error;
      if (error.item === undefined)
        throw new StorageError('Internal', `nothing is known of revision ${revision}`);
      return await this.decode(error.item);
    }
    return { revision, kind, key: '', allocatedAt };
  }

  fillWrite(revision: number, kind: 'noop' | 'break', allocatedAt: number): Write {
    return { put: this.fillItem(revision, kind, allocatedAt), condition: { kind: 'absent' } };
  }

  fillItem(revision: number, kind: 'noop' | 'break', allocatedAt: number): Item {
    const { clock, protocol, writer } = this.#context;
    return {
      pk: this.#pk,
      sk: encodeRevision(revision),
      y: ENTRY_TYPES[kind],
      t: allocatedAt,
      w: writer,
      ttl: ttlSeconds(clock.now() + protocol.logTTLMs),
    };
  }

  /** Removes expired entries, as DynamoDB's TTL does eventually; returns the number of items. */
  async removeExpired(): Promise<number> {
    const { clock, table } = this.#context;
    const now = ttlSeconds(clock.now());
    for (let removed = 0; ; ) {
      const page = await retry(this.#context, () =>
        table.query({ pk: this.#pk, from: FIRST_KEY, to: LAST_KEY, consistent: true }),
      );
      const kept = page.items.findIndex((item) => (item['ttl'] as number) >= now);
      const expired = kept === -1 ? page.items : page.items.slice(0, kept);
      // In order, so that a reader that finds an entry finds all that follow.
      for (const { pk, sk } of expired) await retry(this.#context, () => table.write({ delete: { pk, sk } }));
      removed += expired.length;
      if (kept !== -1 || page.lastKey === undefined) return removed;
    }
  }

  async decode(item: Item, parts: readonly Uint8Array[] = []): Promise<Change<T>> {
    const entry = item as unknown as EntryItem;
    const { sk, y, k: key = '', p = 0, t: allocatedAt, w: writer, d, n = 0, exp } = entry;
    const revision = decodeRevision(sk);
    // An unknown type is a newer version's. Its meaning is unknown, so it counts as a break.
    const kind = KINDS.get(y) ?? 'break';
    if (kind === 'noop' || kind === 'break') return { revision, kind, key: '', allocatedAt };
    const stored = d ?? (await this.#joinParts(entry, parts));
    if (stored === undefined) return { revision, kind: 'break', key: '', allocatedAt };
    const { value, stale, corrupt } = await open(this.#context, key, { stored, read: unpackImages });
    const state = (
      bytes: Uint8Array | undefined,
      fields: { resourceVersion: number; expiresAt?: number; parts?: number },
    ) =>
      new StoredState(this.#context.config, {
        key,
        bytes: bytes ?? new Uint8Array(),
        stale: stale ?? false,
        corrupt,
        ...fields,
      });
    return {
      revision,
      kind,
      key,
      allocatedAt,
      writer,
      after:
        kind === 'put'
          ? state(value?.after, {
              resourceVersion: revision,
              parts: n,
              ...(exp === undefined ? {} : { expiresAt: exp }),
            })
          : undefined,
      // An object that couldn't be read when it was deleted has no before-image.
      before:
        p > 0 && (corrupt !== undefined || value?.before !== undefined)
          ? state(value?.before, { resourceVersion: p })
          : undefined,
    };
  }

  /** Decodes in order until the images have `maxBytes`. */
  async #decodeAll(
    items: readonly Item[],
    {
      known,
      maxBytes = Number.POSITIVE_INFINITY,
    }: { readonly known?: ReadOptions['known']; readonly maxBytes?: number } = {},
  ): Promise<Change<T>[]> {
    const parts = new Map<number, Uint8Array[]>();
    for (const { sk, d } of items) {
      const part = decodePart(sk);
      if (part === undefined) continue;
      const revision = decodeRevision(sk);
      const list = parts.get(revision) ?? [];
      list[part] = d as Uint8Array;
      parts.set(revision, list);
    }
    const changes: Change<T>[] = [];
    let bytes = 0;
    for (const item of items) {
      if (bytes >= maxBytes) break;
      const revision = decodeRevision(item.sk);
      if (decodePart(item.sk) !== undefined || known?.(revision)) continue;
      await breathe();
      const change = await this.decode(item, parts.get(revision));
      changes.push(change);
      bytes += imageBytes(change);
    }
    return changes;
  }

  /** Joins an entry's parts; undefined if TTL has removed some of them, which happens in any order. */
  async #joinParts(
    { sk, m: count = 0, ttl }: EntryItem,
    parts: readonly Uint8Array[],
  ): Promise<Uint8Array | undefined> {
    const { clock, protocol } = this.#context;
    const revision = decodeRevision(sk);
    let joined = joinParts(parts, count);
    for (let attempt = 0; joined === undefined; attempt++) {
      joined = await readParts(this.#context, { pk: this.#pk, revision, count });
      if (joined !== undefined) break;
      if (ttl < ttlSeconds(clock.now() + protocol.deadAfterMs)) return undefined;
      await pauseForParts(this.#context, `revision ${revision}`, attempt);
    }
    return joined;
  }
}

interface EntryItem {
  readonly sk: string;
  readonly y: string;
  readonly k?: string;
  readonly p?: number;
  readonly t: number;
  readonly w?: string;
  readonly ttl: number;
  readonly d?: Uint8Array;
  readonly m?: number;
  readonly n?: number;
  readonly exp?: number;
}
