/** The resources that this version stores, and the kinds that it reads and writes. */

import { builtinDefaultTables } from '../../../shared/apis/default-tables.ts';
import { everyVersion } from '../../../shared/apis/resource-config.ts';
import type { KnownResources } from '../../../shared/backup/foreign-records.ts';
import { Defaulter } from '../../../shared/runtime/defaulting.ts';
import { CodecFactory } from '../../../shared/runtime/serializer/codec-factory.ts';
import { schemeKinds } from '../../../shared/runtime/serializer/scheme-kinds.ts';
import { newScheme } from '../../../shared/server/builtin-scheme.ts';
import { createServer } from '../../../shared/server/create-server.ts';
import { SDKStorageFactory } from '../../../shared/storage/dynamodb/sdk-storage-factory.ts';
import type { StorageConfig } from '../../../shared/storage/storage.ts';
import { wrapStorages } from '../../../shared/storage/wrap-storages.ts';
import { newLogger } from '../../../shared/util/logger.ts';

/** Creates a server to find its storage configurations, without starting it. */
export async function knownResources(): Promise<KnownResources & { readonly codecs: CodecFactory }> {
  const configs = new Map<string, StorageConfig<never>>();
  const nowhere = new SDKStorageFactory({ tableName: 'none', endpoint: 'http://127.0.0.1:9' });
  const storageFactory = wrapStorages(nowhere, (config) => {
    configs.set(config.resourcePrefix, config as unknown as StorageConfig<never>);
    return nowhere.storageFor(config);
  });
  const server = await createServer(
    { runtimeConfig: everyVersion() },
    { storageFactory, logger: newLogger(() => undefined) },
  );
  await server.close();
  await nowhere.close();
  const scheme = newScheme();
  const codecs = new CodecFactory(schemeKinds(scheme), [
    'application/json',
    'application/vnd.kubernetes.protobuf',
  ]);
  return { scheme, codecs, defaulter: new Defaulter(scheme, builtinDefaultTables()), configs };
}
