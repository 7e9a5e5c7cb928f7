/**
 * Tracks what one tenant stores, across all processes, in a row of the fleet's table, and enforces the tenant's limits.
 */

import { lastNames } from '../controllers/observed-storage.ts';
import type { DynamoDBTable, Item, ItemKey } from '../storage/dynamodb/dynamodb-table.ts';
import { StorageError } from '../storage/errors.ts';
import { NO_SIZE, type StorageLedger, type StoredSize, sumOfSizes } from '../storage/storage-ledger.ts';
import type { ErrorLog } from '../util/logger.ts';
import type { TenantLimits } from './tenant-limits.ts';

/** A table with atomic counters. */
export interface CounterTable extends Pick<DynamoDBTable, 'get' | 'write'> {
  add(key: ItemKey, amounts: Readonly<Record<string, number>>): Promise<Item>;
}

export interface TenantLedgerOptions {
  /** The fleet's. */
  readonly table: CounterTable;
  readonly tenant: { readonly id: string; readonly name: string };
  /** The current limits. */
  readonly limits: () => Promise<TenantLimits | undefined>;
  /** Whether this process may delay counts of tenants without limits: it is the only process, and flushes at exit. */
  readonly isLazy: boolean;
  readonly logger: ErrorLog;
  /** Milliseconds of a monotonic clock. */
  readonly now?: (() => number) | undefined;
}

/** Bytes of changed objects that a process accumulates before it writes them: the most that is lost when it dies. */
const PENDING_BYTES = 64 * 1024;
const LAZY_OBJECTS = 200;
/** Milliseconds that a count is cached; near a limit it is always read. */
const CACHE_TTL_MS = 2_000;
const NEAR_SHARE = 0.8;

const keyOf = (id: string): ItemKey => ({ pk: `#counts/${id}`, sk: '-' });

/** Undefined: nothing was ever counted. Rejects with `TableError`. */
export async function readStoredSize(
  table: Pick<CounterTable, 'get'>,
  id: string,
): Promise<StoredSize | undefined> {
  const row = await table.get(keyOf(id), { consistent: true });
  return row && storedSizeOf(row);
}

export async function removeStoredSize(table: Pick<CounterTable, 'write'>, id: string): Promise<void> {
  await table.write({ delete: keyOf(id) });
}

const storedSizeOf = (row: Item): StoredSize => ({
  objects: Math.max(0, (row['objects'] as number | undefined) ?? 0),
  bytes: Math.max(0, (row['bytes'] as number | undefined) ?? 0),
});

export class TenantLedger implements StorageLedger {
  readonly #options: TenantLedgerOptions;
  readonly #now: () => number;
  /** The counts last read, plus what was added since. */
  #used: StoredSize | undefined;
  #usedAt = Number.NEGATIVE_INFINITY;
  /** Counted, but not yet written to the table. */
  #pending = NO_SIZE;
  /** Growth of writes in flight. */
  #admitted = NO_SIZE;

  constructor(options: TenantLedgerOptions) {
    this.#options = options;
    this.#now = options.now ?? (() => performance.now());
  }

  async admit(resourcePrefix: string, growth: StoredSize): Promise<() => void> {
    const { limits, tenant } = this.#options;
    const { objects, storageBytes } = (await limits()) ?? {};
    // Leases are exempt: a component that can't renew its lease counts as dead.
    const isBounded = objects !== undefined || storageBytes !== undefined;
    if (!isBounded || (growth.objects === 0 && lastNames(resourcePrefix).resource === 'leases'))
      return () => {};
    const bounds = [
      ['objects', objects, growth.objects],
      ['bytes', storageBytes, growth.bytes],
    ] as const;
    const used = await this.#current(bounds);
    for (const [name, limit, more] of bounds) {
      if (limit === undefined || more <= 0 || used[name] + more <= limit) continue;
      // Upstream's message: k8s.io/apiserver/pkg/admission/plugin/resourcequota/controller.go.
      const what = `requested: ${name}=${more}, used: ${name}=${used[name]}, limited: ${name}=${limit}`;
      throw new StorageError('QuotaExceeded', `exceeded quota: ${tenant.name}, ${what}`);
    }
    this.#admitted = sumOfSizes(this.#admitted, growth);
    return () => {
      this.#admitted = minus(this.#admitted, growth);
    };
  }

  async count(change: StoredSize): Promise<void> {
    this.#pending = sumOfSizes(this.#pending, change);
    const { objects, bytes } = this.#pending;
    const isMuch = Math.abs(bytes) >= PENDING_BYTES || Math.abs(objects) >= LAZY_OBJECTS;
    if (isMuch || (objects !== 0 && !(await this.#mayWait()))) await this.flush();
  }

  /** Never rejects: counts that can't be written now are written with later ones. */
  async flush(): Promise<void> {
    const reported = this.#pending;
    if (reported.objects === 0 && reported.bytes === 0) return;
    const { table, tenant, logger } = this.#options;
    this.#pending = NO_SIZE;
    try {
      this.#setUsed(storedSizeOf(await table.add(keyOf(tenant.id), { ...reported })));
    } catch (error) {
      this.#pending = sumOfSizes(this.#pending, reported);
      logger.error(`the size of control plane ${tenant.name} can't be recorded`, error);
    }
  }

  async #mayWait(): Promise<boolean> {
    const { isLazy, limits } = this.#options;
    const { objects, storageBytes } = (await limits()) ?? {};
    return isLazy && objects === undefined && storageBytes === undefined;
  }

  /** Usage including this process's pending counts and writes in flight. */
  async #current(
    bounds: readonly (readonly [keyof StoredSize, number | undefined, number])[],
  ): Promise<StoredSize> {
    const local = (): StoredSize =>
      sumOfSizes(this.#used ?? NO_SIZE, sumOfSizes(this.#pending, this.#admitted));
    const isFar = bounds.every(
      ([name, limit, more]) => limit === undefined || local()[name] + more < limit * NEAR_SHARE,
    );
    const isOld = this.#used === undefined || this.#now() - this.#usedAt > CACHE_TTL_MS;
    if (isOld || !isFar) {
      const { table, tenant } = this.#options;
      this.#setUsed((await readStoredSize(table, tenant.id)) ?? NO_SIZE);
    }
    return local();
  }

  #setUsed(used: StoredSize): void {
    this.#used = used;
    this.#usedAt = this.#now();
  }
}

const minus = (a: StoredSize, { objects, bytes }: StoredSize): StoredSize =>
  sumOfSizes(a, { objects: -objects, bytes: -bytes });
