/**
 * Directory of a fleet's tenants: one row each in the fleet's table, beside the tenants' own rows. Hosts read it before
 * they load a tenant, and need no management plane for it.
 */

import type { CopiedTo } from '../storage/dynamodb/copy-tenant.ts';
import {
  type Condition,
  type DynamoDBTable,
  type Item,
  isTableError,
} from '../storage/dynamodb/dynamodb-table.ts';
import { itemsOf } from '../storage/dynamodb/tenant-table.ts';
import { BoundedCache } from '../util/bounded-cache.ts';
import type { TenantLimits } from './tenant-limits.ts';

/** A tenant, as hosts know it. */
export interface TenantEntry {
  readonly name: string;
  /** `namespace/name` of the tenant's `ControlPlane`. */
  readonly owner: string;
  /** Prefix of the tenant's keys, unique to this control plane even if an earlier one had the same name. */
  readonly id: string;
  readonly state: TenantState;
  readonly table: string;
  readonly arguments: readonly string[];
  /** The Kubernetes minor that its clients see; absent: the one that is served. */
  readonly version?: string | undefined;
  /** ARNs of IAM identities with full access. */
  readonly adminARNs: readonly string[];
  /** URL. */
  readonly endpoint: string;
  readonly limits?: TenantLimits;
  /** Digest of its configuration files; absent: there are none. */
  readonly files?: string | undefined;
  /** Whether a configuration file may admit requests without credentials. */
  readonly allowsAnonymous?: boolean;
  /** Numbers of the trusted authorities; absent: the first alone. */
  readonly authorities?: { readonly oldest: number; readonly newest: number };
  /** Other tables that may hold data of the tenant to be removed. */
  readonly leftovers?: readonly string[];
  /** The data is kept when the object is deleted. */
  readonly isRetained?: boolean;
  /** While moving: all data is in its new table, and it may be served from there. */
  readonly hasArrived?: boolean;
  /** While moving or being deleted: no process serves it any more. */
  readonly isRetired?: boolean;
  /** While moving: the target table, which was empty before, and the copy's progress. */
  readonly copied?: { readonly to: string; readonly after?: CopiedTo | undefined };
}

export type TenantState = 'Starting' | 'Active' | 'Moving' | 'Suspended' | 'Deleting';

/** The process that works on a tenant, and until when at least, in milliseconds since the epoch by its clock. */
export interface Lease {
  readonly holder: string;
  readonly until: number;
}

export interface TenantRow {
  readonly entry: TenantEntry;
  /** Incremented by every write of the row. */
  readonly revision: number;
  readonly lease?: Lease | undefined;
}

const DIRECTORY = '#directory';

/** Milliseconds that a host caches a row: a change has reached every host after that. */
export const CACHE_TTL_MS = 5_000;
/** Milliseconds that the absence of a row is cached. */
const ABSENT_MS = 1_000;
const MAX_CACHED = 20_000;

interface CachedEntry {
  readonly entry: Promise<TenantEntry | undefined>;
  readonly until: number;
}

/** The name in a tenant's id: everything before the last dot. */
export const tenantName = (id: string): string => id.slice(0, id.lastIndexOf('.'));

export class TenantDirectory {
  readonly #table: DynamoDBTable;
  readonly #now: () => number;
  /** Expired entries are kept for use while the table can't be read. */
  readonly #cached = new BoundedCache<string, CachedEntry>({ max: MAX_CACHED });

  constructor(table: DynamoDBTable, now: () => number = () => performance.now()) {
    this.#table = table;
    this.#now = now;
  }

  /**
   * Like `find`, by id, for callers that remove or skip work of tenants that don't serve or no longer exist: a cached
   * row is trusted if it says that the tenant serves; otherwise the row is read.
   */
  async findById(id: string): Promise<TenantEntry | undefined> {
    const name = tenantName(id);
    const cached = await this.find(name);
    const isServed = cached?.id === id && cached.state === 'Active';
    const entry = isServed ? cached : (await this.read(name))?.entry;
    return entry?.id === id ? entry : undefined;
  }

  /**
   * At most `CACHE_TTL_MS` old, unless the directory can't be read: then the last known row. Rejects with `TableError`
   * if there is none.
   */
  async find(name: string): Promise<TenantEntry | undefined> {
    const known = this.#cached.get(name);
    if (known !== undefined && this.#now() < known.until) return known.entry;
    const reading = this.#read(name, { consistent: false }).then((row) => row?.entry);
    this.#cache(name, reading, CACHE_TTL_MS);
    try {
      const entry = await reading;
      if (entry === undefined) this.#cache(name, reading, ABSENT_MS);
      return entry;
    } catch (error) {
      this.#cached.delete(name);
      if (known === undefined) throw error;
      this.#cache(name, known.entry, ABSENT_MS);
      return known.entry;
    }
  }

  /** Expires the cached row, which stays in use while the table can't be read. */
  forget(name: string): void {
    const known = this.#cached.get(name);
    if (known !== undefined) this.#cached.set(name, { ...known, until: Number.NEGATIVE_INFINITY });
  }

  /** The current row, by a consistent read. */
  read(name: string): Promise<TenantRow | undefined> {
    return this.#read(name, { consistent: true });
  }

  /** All current rows. Rejects with `TableError`. */
  async *all(): AsyncGenerator<TenantRow> {
    for await (const item of itemsOf(this.#table, DIRECTORY)) yield rowOf(item);
  }

  /** Overwrites `former` including its lease, or creates the row. False: the stored row is a different one. */
  write(entry: TenantEntry, former: TenantRow | undefined, lease?: Lease): Promise<boolean> {
    const put: Item = {
      pk: DIRECTORY,
      sk: entry.name,
      rv: (former?.revision ?? 0) + 1,
      entry: JSON.stringify(entry),
      ...(lease && { lease: JSON.stringify(lease) }),
    };
    return this.#change(entry.name, entry, () => this.#table.write({ put, condition: unchanged(former) }));
  }

  /** False: the stored row is a different one. */
  remove({ entry: { name }, revision }: TenantRow): Promise<boolean> {
    const condition: Condition = { kind: 'revision', rv: revision };
    return this.#change(name, undefined, () =>
      this.#table.write({ delete: { pk: DIRECTORY, sk: name }, condition }),
    );
  }

  async #change(name: string, entry: TenantEntry | undefined, write: () => Promise<void>): Promise<boolean> {
    this.#cached.delete(name);
    try {
      await write();
      // The next eventually consistent read may return an older row.
      this.#cache(name, Promise.resolve(entry), entry === undefined ? ABSENT_MS : CACHE_TTL_MS);
      return true;
    } catch (error) {
      this.#cached.delete(name);
      if (isTableError(error, 'ConditionFailed')) return false;
      throw error;
    }
  }

  async #read(name: string, options: { readonly consistent: boolean }): Promise<TenantRow | undefined> {
    const item = await this.#table.get({ pk: DIRECTORY, sk: name }, options);
    return item && rowOf(item);
  }

  #cache(name: string, entry: CachedEntry['entry'], forMs: number): void {
    this.#cached.set(name, { entry, until: this.#now() + forMs });
  }
}

const rowOf = (item: Item): TenantRow => ({
  entry: JSON.parse(item['entry'] as string) as TenantEntry,
  revision: item['rv'] as number,
  ...(item['lease'] !== undefined && { lease: JSON.parse(item['lease'] as string) as Lease }),
});

function unchanged(former: TenantRow | undefined): Condition {
  return former === undefined ? { kind: 'absent' } : { kind: 'revision', rv: former.revision };
}
