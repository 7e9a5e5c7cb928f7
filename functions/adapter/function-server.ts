/** A function's server: options from its environment, storage in its tenant's table. */

import type { ConfigMap } from '../../shared/apis/core/v1/types.ts';
import { StorageSweeper } from '../../shared/controllers/storage-sweeper.ts';
import { isAlreadyExists, isConflict, isNotFound } from '../../shared/meta/status-error.ts';
import type { ApiHandler } from '../../shared/request/api-request.ts';
import type { LoopbackClient } from '../../shared/rest/resource-access.ts';
import { createServer } from '../../shared/server/create-server.ts';
import { flagsOfArguments, flagsOfEnvironment, parseOptions } from '../../shared/server/parse-options.ts';
import type { Server } from '../../shared/server/server-chain.ts';
import { DynamoDBStorageFactory } from '../../shared/storage/dynamodb/dynamodb-storage-factory.ts';
import { addressOptions } from './address-options.ts';
import { functionFiles } from './function-files.ts';
import { logError } from './log-error.ts';
import { ParameterStore } from './parameter-store.ts';
import { tenantKeys } from './tenant-keys.ts';

const CONFIG_MAPS = { group: '', version: 'v1', resource: 'configmaps' };
const BOOTSTRAP = { namespace: 'kube-system', name: 'zeroplane-bootstrap' };

/** Raised when what a cluster is born with changes, so that running tenants get it too. */
const BOOTSTRAP_VERSION = '1';

export interface FunctionServer {
  readonly server: Server;
  readonly sweeper: StorageSweeper;
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
  const sweeper = new StorageSweeper(new DynamoDBStorageFactory({ tableName }));
  const storageFactory = sweeper.storageFactory();
  const server = await createServer(options, {
    storageFactory,
    logError,
    readFile,
    keys: tenantKeys(parameters),
    frozenBetweenRequests: true,
  });
  return { server, sweeper };
}

/** The handler of a function that serves requests. The first of a tenant's requests waits for its first objects. */
export async function createFunctionHandler(endpoint: string | undefined): Promise<ApiHandler> {
  const { server } = await createFunctionServer(process.env, endpoint);
  await ensureBootstrap(server);
  return server.handler;
}

/**
 * Makes what a cluster is born with, once: a ConfigMap remembers it, so that every later start costs one read.
 * Two starts at once both make it; each step finds what the other has made.
 */
export async function ensureBootstrap(server: Server): Promise<void> {
  const { client } = server.resources;
  if ((await bootstrapVersion(client)) === BOOTSTRAP_VERSION) return;
  await server.ready();
  const marker: ConfigMap = {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: BOOTSTRAP,
    data: { version: BOOTSTRAP_VERSION },
  };
  try {
    await client.create(CONFIG_MAPS, marker, BOOTSTRAP).catch((error: unknown) => {
      if (!isAlreadyExists(error)) throw error;
      return client.update(CONFIG_MAPS, marker, BOOTSTRAP);
    });
  } catch (error) {
    if (!isConflict(error)) throw error;
  }
}

async function bootstrapVersion(client: LoopbackClient): Promise<string | undefined> {
  try {
    return (await client.get<ConfigMap>(CONFIG_MAPS, BOOTSTRAP)).data?.['version'];
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}
