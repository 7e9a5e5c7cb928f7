/** A function's control plane: options from its environment, storage in its tenant's table. */

import { setTimeout as sleep } from 'node:timers/promises';
import {
  type ControlPlane,
  type ControlPlaneOptions,
  createControlPlane,
} from '../../shared/server/create-control-plane.ts';
import { effectiveFlags } from '../../shared/server/options/flags-without-effect.ts';
import {
  type FlagTexts,
  flagsOfArguments,
  flagsOfEnvironment,
  parseOptions,
} from '../../shared/server/options/parse-options.ts';
import { CircuitBreakerTable } from '../../shared/storage/dynamodb/circuit-breaker-table.ts';
import { DynamoDBStorageFactory } from '../../shared/storage/dynamodb/dynamodb-storage-factory.ts';
import type { StorageFactory } from '../../shared/storage/storage.ts';
import { systemClock } from '../../shared/util/clock.ts';
import { once } from '../../shared/util/once.ts';
import { addressOptions } from './address-options.ts';
import { functionFiles } from './function-files.ts';
import { functionTable } from './function-table.ts';
import type { CreateHandler } from './lambda-handler.ts';
import { logger, tableUsage } from './logger.ts';
import { ParameterStore } from './parameter-store.ts';
import { storageBounds } from './storage-memory.ts';
import { tenantKeys } from './tenant-keys.ts';
import { traceResource } from './trace-resource.ts';

/**
 * The tenant's table, `ZEROPLANE_TABLE`. `sheds`: for functions whose callers wait for responses, which should fail
 * fast while the table refuses requests. Throws Error if no table is named.
 */
export function functionStorage(
  environment: NodeJS.ProcessEnv,
  { sheds = false }: { readonly sheds?: boolean } = {},
): StorageFactory {
  const { ZEROPLANE_TABLE: tableName } = environment;
  if (!tableName) throw new Error('ZEROPLANE_TABLE must name the table of the tenant');
  const connected = functionTable(environment, { tableName, onCapacity: tableUsage.add });
  const table = sheds ? new CircuitBreakerTable(connected, systemClock) : connected;
  return new DynamoDBStorageFactory({ table, ...storageBounds(environment) });
}

/** Flags of kube-apiserver's listener, whose place API Gateway takes. */
const GATEWAYS =
  /^(?:tls-.*|cert-dir|bind-address|secure-port|disable-http2-serving|http2-max-streams-per-connection)$/;

/**
 * The flags in the environment, without those that have no effect. Throws Error for flags that don't apply to
 * functions.
 */
export function functionFlags(environment: NodeJS.ProcessEnv): FlagTexts {
  const args = (environment['ZEROPLANE_ARGUMENTS'] ?? '').split(/\s+/).filter((word) => word !== '');
  const given = [...flagsOfEnvironment(environment), ...flagsOfArguments(args)];
  const gateways = given.filter(([name]) => GATEWAYS.test(name));
  const { server, errors } = effectiveFlags(given);
  const refused = gateways.map(([name]) => `--${name} has no effect: API Gateway listens, functions don't`);
  if (refused.length + errors.length > 0) throw new Error([...refused, ...errors].join('\n'));
  return server;
}

/** Parts provided by hosts whose tenants share a table. */
type GivenParts = Partial<
  Pick<
    ControlPlaneOptions,
    'storage' | 'moreControllers' | 'admissionPlugins' | 'frozenBetweenRequests' | 'logger' | 'tableUsage'
  >
>;

/** The parts of a function's control plane that don't depend on its address. */
interface FunctionParts {
  readonly flags: FlagTexts;
  readonly dependencies: ControlPlaneOptions;
}

async function functionParts(environment: NodeJS.ProcessEnv, given: GivenParts = {}): Promise<FunctionParts> {
  const { ZEROPLANE_TENANT: tenant } = environment;
  if (!tenant) throw new Error('ZEROPLANE_TENANT must name the tenant');
  const flags = functionFlags(environment);
  const parameters = new ParameterStore(tenant, logger);
  const bundle = environment['LAMBDA_TASK_ROOT'] ?? '.';
  const readFile = await functionFiles(
    flags.map(([, text]) => text),
    bundle,
    parameters,
  );
  const dependencies: ControlPlaneOptions = {
    storage: given.storage ?? functionStorage(environment, { sheds: true }),
    moreControllers: given.moreControllers,
    admissionPlugins: given.admissionPlugins,
    controllers: 'whenAsked',
    bootstrap: 'oncePerTenant',
    keys: tenantKeys(parameters),
    logger: given.logger ?? logger,
    tableUsage: given.tableUsage ?? tableUsage,
    traceResource: traceResource(tenant),
    readFile,
    frozenBetweenRequests: given.frozenBetweenRequests ?? true,
  };
  return { flags, dependencies };
}

async function createFunctionPlane(
  environment: NodeJS.ProcessEnv,
  { flags, dependencies }: FunctionParts,
  endpoint: string | undefined,
): Promise<ControlPlane> {
  const options = parseOptions(flags, { ...addressOptions(environment, endpoint), loggingFormat: 'json' });
  if (options.loggingFormat !== 'json') throw new Error('--logging-format: functions write JSON');
  return createControlPlane({ ...dependencies, options });
}

/**
 * Starts the control plane described by `ZEROPLANE_TENANT`, `ZEROPLANE_TABLE` and `ZEROPLANE_ARGUMENTS`
 * (kube-apiserver's flags, separated by spaces); `ZEROPLANE_` and a flag's name sets one flag. `endpoint`: the
 * gateway's address in the request. `given`: replaces the parts for a table that belongs to one tenant. Rejects with
 * Error for missing names and wrong flags.
 */
export async function startFunctionPlane(
  environment: NodeJS.ProcessEnv,
  endpoint?: string,
  given: GivenParts = {},
): Promise<ControlPlane> {
  const plane = await createFunctionPlane(environment, await functionParts(environment, given), endpoint);
  await plane.start();
  return plane;
}

/**
 * Maximum time that loading a function waits for its start, in milliseconds; Lambda aborts an initialization that takes
 * ten seconds.
 */
const LOADING_MS = 5_000;

export interface FunctionServer {
  /** Resolves when the function is as ready as possible before a request, or after the maximum time. */
  readonly loaded: Promise<void>;
  readonly create: CreateHandler;
}

/**
 * The server of a function that serves requests. It starts while the function is loaded, when it has a whole processor
 * instead of a share: code, connections and the initial objects are ready when the first request arrives. Only that
 * request tells the address, so the serving plane is created then, from the same parts, and the plane that was started
 * is closed. Each request retries a start that failed.
 */
export function functionServer(environment: NodeJS.ProcessEnv): FunctionServer {
  const start = once(() => startedParts(environment));
  return {
    loaded: whileLoading(start()),
    create: async (endpoint) => (await createFunctionPlane(environment, await start(), endpoint)).handler,
  };
}

/** Resolves when the work is done, has failed (later callers get the error), or has taken the maximum time. */
export function whileLoading(work: Promise<unknown>): Promise<void> {
  const attempt = work.then(
    () => {},
    () => {},
  );
  return Promise.race([attempt, sleep(LOADING_MS, undefined, { ref: false })]);
}

async function startedParts(environment: NodeJS.ProcessEnv): Promise<FunctionParts> {
  const parts = await functionParts(environment);
  const plane = await createFunctionPlane(environment, parts, undefined);
  // Code for authorizing users whose permissions are not cached is loaded in parallel, since the first call would wait
  // for it.
  await Promise.all([plane.start(), import('../../shared/storage/dynamodb/term-index.ts')]);
  await plane.close();
  return parts;
}
