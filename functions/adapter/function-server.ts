/** A function's server: options from its environment, storage in its tenant's table. */

import { StorageSweeper } from '../../shared/controllers/storage-sweeper.ts';
import type { ApiHandler } from '../../shared/request/api-request.ts';
import { createServer } from '../../shared/server/create-server.ts';
import { flagsOfArguments, flagsOfEnvironment, parseOptions } from '../../shared/server/parse-options.ts';
import type { Server } from '../../shared/server/server-chain.ts';
import { SDKStorageFactory } from '../../shared/storage/dynamodb/sdk-storage-factory.ts';
import type { StorageFactory } from '../../shared/storage/storage.ts';
import { addressOptions } from './address-options.ts';
import { ensureBootstrap } from './bootstrap.ts';
import { functionFiles } from './function-files.ts';
import { logError } from './log-error.ts';
import { ParameterStore } from './parameter-store.ts';
import { tenantKeys } from './tenant-keys.ts';

export interface FunctionServer {
  readonly server: Server;
  readonly sweeper: StorageSweeper;
  readonly storageFactory: StorageFactory;
}

/**
 * Builds the server that `ZEROPLANE_TENANT`, `ZEROPLANE_TABLE` and `ZEROPLANE_ARGUMENTS` (kube-apiserver's flags,
 * separated by spaces) describe; `ZEROPLANE_` and a flag's name gives one flag. `endpoint`: the address that the
 * gateway was called by. Throws Error for missing names and wrong flags.
 */
export async function createFunctionServer(
  environment: NodeJS.ProcessEnv,
  endpoint?: string,
): Promise<FunctionServer> {
  const { ZEROPLANE_TABLE: tableName, ZEROPLANE_TENANT: tenant } = environment;
  if (!tableName) throw new Error('ZEROPLANE_TABLE must name the table of the tenant');
  if (!tenant) throw new Error('ZEROPLANE_TENANT must name the tenant');
  const args = (environment['ZEROPLANE_ARGUMENTS'] ?? '').split(/\s+/).filter((word) => word !== '');
  const flags = [...flagsOfEnvironment(environment), ...flagsOfArguments(args)];
  const options = parseOptions(flags, addressOptions(environment, endpoint));
  const parameters = new ParameterStore(tenant, logError);
  const bundle = environment['LAMBDA_TASK_ROOT'] ?? '.';
  const readFile = await functionFiles(
    flags.map(([, text]) => text),
    bundle,
    parameters,
  );
  const sweeper = new StorageSweeper(new SDKStorageFactory({ tableName }));
  const storageFactory = sweeper.storageFactory();
  const server = await createServer(options, {
    storageFactory,
    logError,
    readFile,
    keys: tenantKeys(parameters),
    frozenBetweenRequests: true,
  });
  return { server, sweeper, storageFactory };
}

/** The handler of a function that serves requests. The first of a tenant's requests waits for its first objects. */
export async function createFunctionHandler(endpoint: string | undefined): Promise<ApiHandler> {
  const { server, storageFactory } = await createFunctionServer(process.env, endpoint);
  await ensureBootstrap(server, storageFactory);
  return server.handler;
}
