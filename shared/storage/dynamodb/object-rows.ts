/**
 * A resource's objects as stored in the table: each one is current, but together they are no snapshot until the log is
 * applied to them.
 */

import { ownBytes } from '../../util/own-bytes.ts';
import { StorageError } from '../errors.ts';
import { StoredState } from '../stored-state.ts';
import { compareKeys } from './compare-keys.ts';
import { type Item, isTableError } from './dynamodb-table.ts';
import { unpack } from './images.ts';
import { FIRST_KEY, LAST_KEY, objectsOf, partsOf, type ResourceContext, ttlSeconds } from './layout.ts';
import { queryItems } from './query-items.ts';
import { retry } from './retry.ts';
import { open, pauseForParts, readParts } from './sealed.ts';

/** The row under one key: a state, or a tombstone. */
export interface Row<T> {
  readonly key: string;
  readonly revision: number;
  /** Unset: a tombstone. */
  readonly state?: StoredState<T> | undefined;
}

export interface KeyRange {
  /** Common prefix of all keys. */
  readonly prefix: string;
  /** First key, inclusive; none below `prefix`. */
  readonly from?: string | undefined;
  /** Last key, inclusive. */
  readonly to?: string | undefined;
}

/** Bounds of a read. */
export interface ReadBounds {
  /** Checked at the end of each page. */
  readonly maxBytes: number;
  readonly maxRows?: number | undefined;
  /** Changes committed since this long ago may be missing. */
  readonly maxStalenessMs?: number | undefined;
}

/** Memory is checked after this many bytes: a page of the table may be a thousand times as large when unpacked. */
const LOOK_BYTES = 16 * 1024 * 1024;

export class ObjectRows<T> {
  readonly #context: ResourceContext<T>;
  readonly #pk: string;

  constructor(context: ResourceContext<T>) {
    this.#context = context;
    this.#pk = objectsOf(context.config.resourcePrefix);
  }

  async read(key: string): Promise<Row<T> | undefined> {
    for (let attempt = 0; ; attempt++) {
      const item = await retry(this.#context, () =>
        this.#context.table.get({ pk: this.#pk, sk: key }, { consistent: true }),
      );
      if (item === undefined) return undefined;
      const row = await this.decode(item);
      if (row !== undefined) return row;
      await pauseForParts(this.#context, key, attempt);
    }
  }

  /**
   * Rows in key order until the range ends or a bound is reached; `lastKey` is set in the second case. Throws
   * ObjectTooLarge where the rows don't fit into this process's memory.
   */
  async readRange(
    range: KeyRange,
    { maxBytes, maxRows = Number.POSITIVE_INFINITY }: ReadBounds,
  ): Promise<{ rows: Row<T>[]; lastKey: string | undefined }> {
    const rows: Row<T>[] = [];
    const from = range.from || range.prefix || FIRST_KEY;
    const to = range.to ?? range.prefix + LAST_KEY;
    if (compareKeys(from, to) > 0) return { rows, lastKey: undefined };
    // An embedded store charges nothing for the rest of a page, and its length gives the number of remaining objects.
    const whole = maxRows === Number.POSITIVE_INFINITY || this.#context.protocol.alone;
    const limit = () => (whole ? {} : { limit: maxRows - rows.length });
    let bytes = 0;
    let nextLook = LOOK_BYTES;
    let startAfter: string | undefined;
    do {
      const page = await retry(this.#context, () =>
        this.#context.table.query({
          ...{ pk: this.#pk, from, to, startAfter, consistent: true },
          ...limit(),
        }),
      );
      for (const item of page.items) {
        // If its parts are gone, the object was replaced meanwhile: read it again by itself.
        const row = (await this.decode(item)) ?? (await this.read(item.sk));
        if (row === undefined) continue;
        rows.push(row);
        bytes += row.state?.size ?? 0;
        if (bytes < nextLook) continue;
        this.#makeRoom();
        nextLook = bytes + LOOK_BYTES;
      }
      startAfter = page.lastKey;
    } while (startAfter !== undefined && bytes < maxBytes && rows.length < maxRows);
    return { rows, lastKey: startAfter };
  }

  #makeRoom(): void {
    const { hasRoom, config } = this.#context;
    if (hasRoom?.(2 * LOOK_BYTES) ?? true) return;
    throw new StorageError(
      'ObjectTooLarge',
      `not enough memory for all objects requested of ${config.resourcePrefix}; request fewer, with limit and continue`,
    );
  }

  /** The row in an item; undefined while its parts are missing: it was replaced, or its write is becoming visible. */
  async decode(item: Item): Promise<Row<T> | undefined> {
    const { sk: key, rv: revision, del, exp: expiresAt, d, n: parts = 0 } = item as unknown as ObjectItem;
    if (del === true) return { key, revision };
    const where = { pk: partsOf(this.#pk), revision, count: parts };
    const stored = d ?? (await readParts(this.#context, where));
    if (stored === undefined) return undefined;
    const { value, stale, corrupt } = await open(this.#context, key, { stored, read: unpack });
    const fields = { key, resourceVersion: revision, expiresAt, parts, stale: stale ?? false, corrupt };
    const bytes = value === undefined ? new Uint8Array() : ownBytes(value);
    const state = new StoredState(this.#context.config, { ...fields, bytes });
    return { key, revision, state };
  }

  /** Removes expired tombstones, as DynamoDB's TTL does eventually; returns how many. */
  async removeTombstones(): Promise<number> {
    const { clock, table } = this.#context;
    const now = ttlSeconds(clock.now());
    let removed = 0;
    const all = { pk: this.#pk, from: FIRST_KEY, to: LAST_KEY, consistent: true };
    for await (const item of queryItems(table, all, this.#context)) {
      if (item['del'] === true && (item['ttl'] as number) < now) removed += await this.#removeTombstone(item);
    }
    return removed;
  }

  async #removeTombstone({ pk, sk, rv }: Item): Promise<number> {
    try {
      await retry(this.#context, () =>
        this.#context.table.write({ delete: { pk, sk }, condition: { kind: 'tombstone', rv: rv as number } }),
      );
      return 1;
    } catch (error) {
      // Created again, or removed by another process: either is fine.
      if (isTableError(error, 'ConditionFailed')) return 0;
      throw error;
    }
  }
}

/** Attributes of an object's item. */
export interface ObjectItem {
  readonly sk: string;
  readonly rv: number;
  readonly del?: boolean;
  readonly exp?: number;
  readonly d?: Uint8Array;
  readonly n?: number;
}
