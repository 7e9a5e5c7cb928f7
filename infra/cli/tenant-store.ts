/** The store of one control plane, for commands that work on what is stored while no server has to run. */

import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { tablePlace } from '../../functions/adapter/table-place.ts';
import type { Store } from '../../shared/backup/stored-resources.ts';
import { DynamoDBStorageFactory } from '../../shared/storage/dynamodb/dynamodb-storage-factory.ts';
import { SDKStorageFactory } from '../../shared/storage/dynamodb/sdk-storage-factory.ts';
import { parseEncryptionConfiguration } from '../../shared/storage/encryption/configuration.ts';
import { type TransformerFor, transformersOf } from '../../shared/storage/encryption/encryption.ts';
import { startEmbeddedDynamoDB } from '../local/embedded-dynamodb.ts';
import { lockFolder } from '../local/folder-lock.ts';

export interface TenantStoreOptions {
  /** Name of the control plane. */
  readonly tenant: string;
  /** Data directory of the local server, which must not run. Unset: the table in AWS. */
  readonly dataDir?: string | undefined;
  /** Unset: what the environment says. */
  readonly region?: string | undefined;
  /** As the control plane's flag of this name. */
  readonly encryptionProviderConfig?: string | undefined;
}

export interface TenantStore extends Store {
  close(): Promise<void>;
}

/** `create`: for a restore, a data directory without data gets some; a table in AWS is its stack's to make. Throws Error, saying what is missing. */
export async function openTenantStore(
  options: TenantStoreOptions,
  { create = false }: { readonly create?: boolean } = {},
): Promise<TenantStore> {
  const transformerFor = await encryptionOf(options.encryptionProviderConfig);
  const tableName = `zeroplane-${options.tenant}`;
  if (options.dataDir === undefined) {
    const factory = new SDKStorageFactory({
      tableName,
      ...tablePlace(process.env),
      ...(options.region !== undefined && { region: options.region }),
    });
    await factory.ready();
    return { factory, transformerFor, close: () => factory.close() };
  }
  const folder = resolve(options.dataDir);
  const dataFile = join(folder, 'dynamodb.sqlite');
  if (!create && !existsSync(dataFile)) throw new Error(`${folder} is no data directory of zeroplane`);
  const dynamodb = await startEmbeddedDynamoDB({ dataFile, lock: () => lockFolder(folder) });
  const factory = new DynamoDBStorageFactory({ table: dynamodb.openTable(tableName) });
  const close = async () => {
    await factory.close();
    await dynamodb.stop();
  };
  try {
    if (create) await factory.createTable();
    await factory.ready();
  } catch (error) {
    await close();
    throw error;
  }
  return { factory, transformerFor, close };
}

export async function encryptionOf(file: string | undefined): Promise<TransformerFor> {
  if (file === undefined) return () => undefined;
  return transformersOf(await parseEncryptionConfiguration(await readFile(file, 'utf8')));
}
