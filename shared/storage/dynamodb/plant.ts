/** Writes the first objects of new resources, without a log: as if they were so old that their entries have expired. */

import type { Clock } from '../../util/clock.ts';
import type { Seed } from '../storage.ts';
import { NO_SIZE, type StorageLedger, type StoredSize, sumOfSizes } from '../storage-ledger.ts';
import type { DynamoDBStorage } from './dynamodb-storage.ts';
import { type DynamoDBTable, isTableError, type TransactedWrite } from './dynamodb-table.ts';
import { MAX_TRANSACTION_BYTES, MAX_TRANSACTION_WRITES, type Protocol } from './protocol.ts';
import type { PlantingOutcome } from './sequencer.ts';

export interface PlantOptions {
  readonly table: DynamoDBTable;
  readonly clock: Clock;
  readonly protocol: Protocol;
  readonly ledger?: StorageLedger | undefined;
  /** The storage of a resource; undefined: this process has none. */
  readonly storageOf: (resourcePrefix: string) => Pick<DynamoDBStorage<unknown>, 'planting'> | undefined;
}

/** The objects of one resource, in one transaction, perhaps with those of others. */
interface Bed {
  readonly prefix: string;
  readonly writes: readonly TransactedWrite[];
  readonly size: StoredSize;
  /** Tells the storage. */
  readonly end: (outcome: PlantingOutcome) => void;
}

/** Beside the claim of a resource, the table may list the resource. */
const LISTING = 1;

/** See `StorageFactory.plant`. Only for the sole writer of a table. */
export async function plant(
  seeds: ReadonlyMap<string, readonly Seed[]>,
  options: PlantOptions,
): Promise<boolean> {
  const beds: Bed[] = [];
  try {
    for (const [prefix, objects] of seeds) {
      const bed = await bedOf(prefix, objects, options);
      if (bed === undefined) return false;
      beds.push(bed);
    }
    for (const batch of batchesOf(beds)) {
      const outcome = await plantBatch(batch, options);
      for (const { end } of batch) end(outcome);
      if (outcome !== 'planted') return false;
    }
    return true;
  } finally {
    // Without effect on those that have ended.
    for (const { end } of beds) end('refused');
  }
}

/** Undefined: the objects can't be planted. */
async function bedOf(
  prefix: string,
  seeds: readonly Seed[],
  { storageOf }: PlantOptions,
): Promise<Bed | undefined> {
  const bytes = seeds.reduce((sum, seed) => sum + seed.bytes.length, 0);
  if (seeds.length + 1 + LISTING > MAX_TRANSACTION_WRITES || bytes > MAX_TRANSACTION_BYTES) return undefined;
  let end: Bed['end'] | undefined;
  const outcome = new Promise<PlantingOutcome>((resolve) => {
    end = resolve;
  });
  const writes = await storageOf(prefix)?.planting(seeds, outcome);
  return writes && { prefix, writes, size: { objects: seeds.length, bytes }, end: end! };
}

function batchesOf(beds: readonly Bed[]): Bed[][] {
  const batches: Bed[][] = [];
  let room = { writes: 0, bytes: 0 };
  // The largest first, so that the others fill the gaps.
  for (const bed of [...beds].sort((a, b) => b.writes.length - a.writes.length)) {
    const writes = bed.writes.length + LISTING;
    if (writes > room.writes || bed.size.bytes > room.bytes) {
      batches.push([]);
      room = { writes: MAX_TRANSACTION_WRITES, bytes: MAX_TRANSACTION_BYTES };
    }
    batches.at(-1)!.push(bed);
    room = { writes: room.writes - writes, bytes: room.bytes - bed.size.bytes };
  }
  return batches;
}

async function plantBatch(
  beds: readonly Bed[],
  { table, clock, protocol, ledger }: PlantOptions,
): Promise<PlantingOutcome> {
  const admitted: (() => void)[] = [];
  try {
    for (const { prefix, size } of beds) {
      const end = await ledger?.admit(prefix, size);
      if (end !== undefined) admitted.push(end);
    }
    const writes = beds.flatMap((bed) => bed.writes);
    await table.transact(writes, { notAfter: clock.now() + protocol.maxHoldMs });
  } catch (error) {
    if (!isTableError(error)) throw error;
    return error.kind === 'Canceled' ? 'refused' : 'unknown';
  } finally {
    for (const end of admitted) end();
  }
  await ledger?.count(beds.map(({ size }) => size).reduce(sumOfSizes, NO_SIZE));
  return 'planted';
}
