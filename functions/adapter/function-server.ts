/** A function's control plane: options from its environment, storage in its tenant's table. */

import type { ApiHandler } from '../../shared/request/api-request.ts';
import {
  type ControlPlane,
  type ControlPlaneOptions,
  createControlPlane,
} from '../../shared/server/create-control-plane.ts';
import {
  type FlagTexts,
  flagsOfArguments,
  flagsOfEnvironment,
  parseOptions,
} from '../../shared/server/parse-options.ts';
import { DynamoDBStorageFactory } from '../../shared/storage/dynamodb/dynamodb-storage-factory.ts';
import { SDKDynamoDBTable } from '../../shared/storage/dynamodb/sdk-dynamodb-table.ts';
import { SheddingTable } from '../../shared/storage/dynamodb/shedding-table.ts';
import type { StorageFactory } from '../../shared/storage/storage.ts';
import { systemClock } from '../../shared/util/clock.ts';
import { addressOptions } from './address-options.ts';
import { functionFiles } from './function-files.ts';
import { logger, tableUsage } from './logger.ts';
import { ParameterStore } from './parameter-store.ts';
import { storageMemory } from './storage-memory.ts';
import { tablePlace } from './table-place.ts';
import { tenantKeys } from './tenant-keys.ts';
import { traceResource } from './trace-resource.ts';

/**
 * The tenant's table, `ZEROPLANE_TABLE`. `sheds`: for who waits for answers, and had better hear at once that the table
 * takes no requests. Throws Error where none is named.
 */
export function functionStorage(
  environment: NodeJS.ProcessEnv,
  { sheds = false }: { readonly sheds?: boolean } = {},
): StorageFactory {
  const { ZEROPLANE_TABLE: tableName } = environment;
  if (!tableName) throw new Error('ZEROPLANE_TABLE must name the table of the tenant');
  const megabytes = Number(environment['AWS_LAMBDA_FUNCTION_MEMORY_SIZE']) || undefined;
  const connected = new SDKDynamoDBTable({
    tableName,
    onCapacity: tableUsage.add,
    ...tablePlace(environment),
  });
  const table = sheds ? new SheddingTable(connected, systemClock) : connected;
  return new DynamoDBStorageFactory({ table, ...storageMemory(megabytes) });
}

/** Flags that the environment gives. Throws Error for what is no flag. */
export function functionFlags(environment: NodeJS.ProcessEnv): FlagTexts {
  const args = (environment['ZEROPLANE_ARGUMENTS'] ?? '').split(/\s+/).filter((word) => word !== '');
  return [...flagsOfEnvironment(environment), ...flagsOfArguments(args)];
}

/**
 * Starts the control plane that `ZEROPLANE_TENANT`, `ZEROPLANE_TABLE` and `ZEROPLANE_ARGUMENTS` (kube-apiserver's flags,
 * separated by spaces) describe; `ZEROPLANE_` and a flag's name gives one flag. `endpoint`: the address that the
 * gateway was called by. `given`: in place of a table that is the tenant's alone. Rejects with Error for missing names and wrong flags.
 */
export async function startFunctionPlane(
  environment: NodeJS.ProcessEnv,
  endpoint?: string,
  given: Partial<
    Pick<
      ControlPlaneOptions,
      'storage' | 'moreControllers' | 'frozenBetweenRequests' | 'logger' | 'tableUsage'
    >
  > = {},
): Promise<ControlPlane> {
  const { ZEROPLANE_TENANT: tenant } = environment;
  if (!tenant) throw new Error('ZEROPLANE_TENANT must name the tenant');
  const flags = functionFlags(environment);
  const options = parseOptions(flags, { ...addressOptions(environment, endpoint), loggingFormat: 'json' });
  if (options.loggingFormat !== 'json') throw new Error('--logging-format: functions write JSON');
  const parameters = new ParameterStore(tenant, logger);
  const bundle = environment['LAMBDA_TASK_ROOT'] ?? '.';
  const readFile = await functionFiles(
    flags.map(([, text]) => text),
    bundle,
    parameters,
  );
  const plane = await createControlPlane({
    storage: given.storage ?? functionStorage(environment, { sheds: true }),
    moreControllers: given.moreControllers,
    options,
    controllers: 'whenAsked',
    bootstrap: 'oncePerTenant',
    keys: tenantKeys(parameters),
    logger: given.logger ?? logger,
    tableUsage: given.tableUsage ?? tableUsage,
    traceResource: traceResource(tenant),
    readFile,
    frozenBetweenRequests: given.frozenBetweenRequests ?? true,
  });
  await plane.start();
  return plane;
}

/** The handler of a function that serves requests. The first of a tenant's requests waits for its first objects. */
export async function createFunctionHandler(endpoint: string | undefined): Promise<ApiHandler> {
  return (await startFunctionPlane(process.env, endpoint)).handler;
}
