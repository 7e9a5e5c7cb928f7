/**
 * Which tenants a fleet has: a row each in the fleet's table, beside the tenants' own. Hosts ask it before they load
 * anything of a tenant, and need no management plane for it.
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

/** What hosts know of a tenant. */
export interface TenantEntry {
  readonly name: string;
  /** Of the object that the tenant is: `namespace/name`. */
  readonly owner: string;
  /** What the tenant's keys begin with; each control plane has its own, also where an earlier one had the name. */
  readonly id: string;
  readonly state: TenantState;
  readonly table: string;
  readonly arguments: readonly string[];
  /** The Kubernetes minor that its clients see; absent: the one that is served. */
  readonly version?: string | undefined;
  /** ARNs of IAM identities who may do everything. */
  readonly adminARNs: readonly string[];
  /** URL. */
  readonly endpoint: string;
  readonly limits?: TenantLimits;
  /** Numbers of those that are trusted; absent: the first alone. */
  readonly authorities?: { readonly oldest: number; readonly newest: number };
  /** Tables other than its own where something of it may stand that is to be removed. */
  readonly leftovers?: readonly string[];
  /** What it has stored stays when its object goes. */
  readonly isRetained?: boolean;
  /** Of one that moves: all that it has stored is in its table, and it may be served from there. */
  readonly hasArrived?: boolean;
  /** Of one that moves or ends: nobody serves it any more. */
  readonly isRetired?: boolean;
  /** Of one that moves: the table that it is copied to, which had nothing before, and how far that is. */
  readonly copied?: { readonly to: string; readonly after?: CopiedTo | undefined };
}

export type TenantState = 'Starting' | 'Active' | 'Moving' | 'Suspended' | 'Deleting';

/** Who works on a tenant, and until when at least, in milliseconds since the epoch by his clock. */
export interface Lease {
  readonly holder: string;
  readonly until: number;
}

export interface TenantRow {
  readonly entry: TenantEntry;
  /** Grows with every write of the row. */
  readonly revision: number;
  readonly lease?: Lease | undefined;
}

const DIRECTORY = '#directory';

/** Milliseconds that a host believes what it has read: a change is everywhere after that. */
export const BELIEVED_MS = 5_000;
/** Milliseconds that nobody is believed to have a name. */
const ABSENT_MS = 1_000;
const MAX_REMEMBERED = 20_000;

interface Remembered {
  readonly entry: Promise<TenantEntry | undefined>;
  readonly until: number;
}

/** Of a tenant's id: its name is what comes before the last point. */
export const tenantName = (id: string): string => id.slice(0, id.lastIndexOf('.'));

export class TenantDirectory {
  readonly #table: DynamoDBTable;
  readonly #now: () => number;
  /** Also what is no longer believed: it goes on where nothing can be read. */
  readonly #remembered = new BoundedCache<string, Remembered>({ max: MAX_REMEMBERED });

  constructor(table: DynamoDBTable, now: () => number = () => performance.now()) {
    this.#table = table;
    this.#now = now;
  }

  /**
   * As `find`, of the tenant of an id, for whoever would remove or leave undone what is of one that doesn't serve, or is
   * no more: that it does is believed, that it doesn't is read.
   */
  async findById(id: string): Promise<TenantEntry | undefined> {
    const name = tenantName(id);
    const believed = await this.find(name);
    const isServed = believed?.id === id && believed.state === 'Active';
    const entry = isServed ? believed : (await this.read(name))?.entry;
    return entry?.id === id ? entry : undefined;
  }

  /**
   * At most `BELIEVED_MS` old, but where the directory can't be read: what was known goes on. Rejects with
   * `TableError` if nothing was.
   */
  async find(name: string): Promise<TenantEntry | undefined> {
    const known = this.#remembered.get(name);
    if (known !== undefined && this.#now() < known.until) return known.entry;
    const reading = this.#read(name, { consistent: false }).then((row) => row?.entry);
    this.#remember(name, reading, BELIEVED_MS);
    try {
      const entry = await reading;
      if (entry === undefined) this.#remember(name, reading, ABSENT_MS);
      return entry;
    } catch (error) {
      this.#remembered.delete(name);
      if (known === undefined) throw error;
      this.#remember(name, known.entry, ABSENT_MS);
      return known.entry;
    }
  }

  /** Reads it anew when it is asked for next, but for where nothing can be read. */
  forget(name: string): void {
    const known = this.#remembered.get(name);
    if (known !== undefined) this.#remembered.set(name, { ...known, until: Number.NEGATIVE_INFINITY });
  }

  /** As it stands. */
  read(name: string): Promise<TenantRow | undefined> {
    return this.#read(name, { consistent: true });
  }

  /** All rows, as they stand. Rejects with `TableError`. */
  async *all(): AsyncGenerator<TenantRow> {
    for await (const item of itemsOf(this.#table, DIRECTORY)) yield rowOf(item);
  }

  /** Writes over `former`, its lease too, or where nothing stands. False: something else stands there. */
  write(entry: TenantEntry, former: TenantRow | undefined, lease?: Lease): Promise<boolean> {
    const put: Item = {
      pk: DIRECTORY,
      sk: entry.name,
      rv: (former?.revision ?? 0) + 1,
      entry: JSON.stringify(entry),
      ...(lease && { lease: JSON.stringify(lease) }),
    };
    return this.#change(entry.name, entry, () => this.#table.write({ put, condition: standing(former) }));
  }

  /** False: something else stands there. */
  remove({ entry: { name }, revision }: TenantRow): Promise<boolean> {
    const condition: Condition = { kind: 'revision', rv: revision };
    return this.#change(name, undefined, () =>
      this.#table.write({ delete: { pk: DIRECTORY, sk: name }, condition }),
    );
  }

  async #change(name: string, entry: TenantEntry | undefined, write: () => Promise<void>): Promise<boolean> {
    this.#remembered.delete(name);
    try {
      await write();
      // What is read next may be older.
      this.#remember(name, Promise.resolve(entry), entry === undefined ? ABSENT_MS : BELIEVED_MS);
      return true;
    } catch (error) {
      this.#remembered.delete(name);
      if (isTableError(error, 'ConditionFailed')) return false;
      throw error;
    }
  }

  async #read(name: string, options: { readonly consistent: boolean }): Promise<TenantRow | undefined> {
    const item = await this.#table.get({ pk: DIRECTORY, sk: name }, options);
    return item && rowOf(item);
  }

  #remember(name: string, entry: Remembered['entry'], forMs: number): void {
    this.#remembered.set(name, { entry, until: this.#now() + forMs });
  }
}

const rowOf = (item: Item): TenantRow => ({
  entry: JSON.parse(item['entry'] as string) as TenantEntry,
  revision: item['rv'] as number,
  ...(item['lease'] !== undefined && { lease: JSON.parse(item['lease'] as string) as Lease }),
});

function standing(former: TenantRow | undefined): Condition {
  return former === undefined ? { kind: 'absent' } : { kind: 'revision', rv: former.revision };
}
