/** The store of one control plane, for commands that work on stored data without a server. */

import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { tablePlace } from '../../functions/adapter/table-place.ts';
import type { Store } from '../../shared/backup/stored-resources.ts';
import { MANAGEMENT_PLANE } from '../../shared/fleet/control-plane.ts';
import { acquireLease, type LeasedRow } from '../../shared/fleet/leased-row.ts';
import { TenantDirectory } from '../../shared/fleet/tenant-directory.ts';
import { TenantLedger } from '../../shared/fleet/tenant-ledger.ts';
import { FOLLOWED_RESOURCES } from '../../shared/server/followed-resources.ts';
import { CheckedTable } from '../../shared/storage/dynamodb/checked-table.ts';
import type { ConnectedTable } from '../../shared/storage/dynamodb/connected-table.ts';
import { DynamoDBStorageFactory } from '../../shared/storage/dynamodb/dynamodb-storage-factory.ts';
import type { DynamoDBTable } from '../../shared/storage/dynamodb/dynamodb-table.ts';
import { SDKDynamoDBTable } from '../../shared/storage/dynamodb/sdk-dynamodb-table.ts';
import { TenantTable } from '../../shared/storage/dynamodb/tenant-table.ts';
import { parseEncryptionConfiguration } from '../../shared/storage/encryption/configuration.ts';
import { type TransformerFor, transformersOf } from '../../shared/storage/encryption/encryption.ts';
import { systemClock } from '../../shared/util/clock.ts';
import { startEmbeddedDynamoDB } from '../local/dynamodb/embedded-dynamodb.ts';
import { lockFolder } from '../local/dynamodb/folder-lock.ts';

export interface TenantStoreOptions {
  /** Name of the control plane. */
  readonly tenant: string;
  /** Data directory of the local server, which must not run. Unset: the table in AWS. */
  readonly dataDir?: string | undefined;
  /** Name of the fleet that has the control plane, which may be its management plane, `fleet`. */
  readonly fleet?: string | undefined;
  /** The table, of a stack or of a fleet, if not the stack's own. */
  readonly table?: string | undefined;
  /** A copy of the dedicated table of a fleet's control plane. */
  readonly ownTable?: string | undefined;
  /** Unset: from the environment. */
  readonly region?: string | undefined;
  /** The control plane's flag of this name. */
  readonly encryptionProviderConfig?: string | undefined;
}

export interface TenantStore extends Store {
  readonly factory: DynamoDBStorageFactory;
  /** Name of the table with the control plane's data. */
  readonly table: string;
  close(): Promise<void>;
}

export interface OpenOptions {
  /**
   * Creates data in an empty data directory; a table in AWS is created by its stack, a fleet's tenant by its object.
   */
  readonly create?: boolean | undefined;
  /** No server may use the store meanwhile: in a fleet on AWS, the control plane must be suspended. */
  readonly isExclusive?: boolean | undefined;
}

/** Throws Error with the reason. */
export async function openTenantStore(
  options: TenantStoreOptions,
  open: OpenOptions = {},
): Promise<TenantStore> {
  const { create = false, isExclusive = create } = open;
  const transformerFor = await encryptionOf(options.encryptionProviderConfig);
  const place =
    options.dataDir === undefined ? tablesOnAWS(options) : await tablesIn(options.dataDir, create);
  const { fleet, tenant, table: tableName = `zeroplane-${fleet ?? tenant}` } = options;
  try {
    const { table, name, ledger, held } =
      fleet === undefined
        ? { table: place.openTable(tableName), name: tableName, ledger: undefined, held: undefined }
        : await storeInFleet(place, tableName, { ...options, fleet }, isExclusive);
    const factory = new DynamoDBStorageFactory({ table, ledger });
    const close = async () => {
      await ledger?.flush();
      await factory.close();
      await held?.release();
      await place.close();
    };
    if (create && fleet === undefined && options.dataDir !== undefined) await factory.createTable();
    await factory.ready();
    if (create && fleet === undefined && options.dataDir === undefined) {
      // A table that a restore is the first to write to is laid out as one that a server began.
      factory.follow(FOLLOWED_RESOURCES);
      await factory.gatherHeads();
    }
    return { factory, table: name, transformerFor, close };
  } catch (error) {
    await place.close();
    if (!isNoTable(error)) throw error;
    const hint = fleet === undefined ? `; if ${tenant} belongs to a fleet, name that with --fleet` : '';
    throw new Error(`there is no table ${tableName} here${hint}`, { cause: error });
  }
}

/** Whether DynamoDB has no such table; the cause may be wrapped. */
function isNoTable(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return error.name === 'ResourceNotFoundException' || isNoTable(error.cause);
}

interface Tables {
  openTable(name: string): ConnectedTable;
  close(): Promise<void>;
}

function tablesOnAWS({ region }: TenantStoreOptions): Tables {
  const place = { ...tablePlace(process.env), ...(region !== undefined && { region }) };
  return {
    openTable: (tableName) => new SDKDynamoDBTable({ tableName, now: Date.now, ...place }),
    close: async () => {},
  };
}

/** Tables of a stopped local server. */
async function tablesIn(dataDir: string, create: boolean): Promise<Tables> {
  const folder = resolve(dataDir);
  const dataFile = join(folder, 'dynamodb.sqlite');
  if (!create && !existsSync(dataFile)) throw new Error(`${folder} is not a zeroplane data directory`);
  const dynamodb = await startEmbeddedDynamoDB({ dataFile, lock: () => lockFolder(folder) });
  return { openTable: (name) => dynamodb.openTable(name), close: () => dynamodb.stop() };
}

interface StoreInFleet {
  readonly table: DynamoDBTable;
  readonly name: string;
  readonly ledger: TenantLedger | undefined;
  readonly held: LeasedRow | undefined;
}

/**
 * `tableName`: the fleet's, or a copy of it. `isExclusive`: on AWS servers may run anywhere, so only a suspended tenant
 * has none; its row is held until the store is closed, so that it is not served, moved or deleted meanwhile.
 */
async function storeInFleet(
  { openTable }: Tables,
  tableName: string,
  { fleet, tenant, ownTable, dataDir }: TenantStoreOptions & { readonly fleet: string },
  isExclusive: boolean,
): Promise<StoreInFleet> {
  const table = openTable(tableName);
  if (tenant === MANAGEMENT_PLANE) {
    return {
      ...{ table: new TenantTable(table, MANAGEMENT_PLANE), name: tableName },
      ...{ ledger: undefined, held: undefined },
    };
  }
  const directory = new TenantDirectory(table);
  const row = await directory.read(tenant);
  if (row === undefined) throw new Error(`${tableName} has no control plane ${tenant}`);
  const { id, state, table: homeName, limits } = row.entry;
  const isShared = homeName === `zeroplane-${fleet}`;
  // The present content of another table is not that of the time of the copy.
  if (!isShared && tableName !== `zeroplane-${fleet}`) {
    throw new Error(
      `control plane ${tenant} has its data in table ${homeName}, and ${tableName} is not a copy of that`,
    );
  }
  const name = ownTable ?? (isShared ? tableName : homeName);
  if (isExclusive && dataDir === undefined && state !== 'Suspended') {
    throw new Error(
      `control plane ${tenant} is ${state}: set spec.suspended first, so that no server uses its store`,
    );
  }
  const ledger = new TenantLedger({
    ...{ table, tenant: { id, name: tenant }, limits: async () => limits, isLazy: true },
    logger: { error: (message, error) => console.error(message, error) },
  });
  const held = isExclusive
    ? await acquireLease(row, { directory, clock: systemClock, newHolder: randomUUID })
    : undefined;
  const home = name === tableName ? table : openTable(name);
  const checked = held === undefined ? home : new CheckedTable(home, held.check);
  return { table: new TenantTable(checked, id), name, ledger, held };
}

export async function encryptionOf(file: string | undefined): Promise<TransformerFor> {
  if (file === undefined) return () => undefined;
  const text = await readFile(file, 'utf8');
  try {
    return transformersOf(await parseEncryptionConfiguration(text));
  } catch (error) {
    throw new Error(`${file}: ${(error as Error).message}`);
  }
}
