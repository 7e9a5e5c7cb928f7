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
import { DynamoDBStorageFactory } from '../../shared/storage/dynamodb/dynamodb-storage-factory.ts';
import { SheddingTable } from '../../shared/storage/dynamodb/shedding-table.ts';
import type { StorageFactory } from '../../shared/storage/storage.ts';
import { systemClock } from '../../shared/util/clock.ts';
import { once } from '../../shared/util/once.ts';
import { addressOptions } from './address-options.ts';
import { functionFiles } from './function-files.ts';
import { functionTable } from './function-table.ts';
import type { CreateHandler } from './lambda-handler.ts';
import { logger, tableUsage } from './logger.ts';
import { ParameterStore } from './parameter-store.ts';
import { storageMemory } from './storage-memory.ts';
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
  const connected = functionTable(environment, { tableName, onCapacity: tableUsage.add });
  const table = sheds ? new SheddingTable(connected, systemClock) : connected;
  return new DynamoDBStorageFactory({ table, ...storageMemory(megabytes) });
}

/** What kube-apiserver's listener takes, and API Gateway in its place. */
const GATEWAYS =
  /^(?:tls-.*|cert-dir|bind-address|secure-port|disable-http2-serving|http2-max-streams-per-connection)$/;

/** Flags that the environment gives, those that change something. Throws Error for what is no flag of a function's. */
export function functionFlags(environment: NodeJS.ProcessEnv): FlagTexts {
  const args = (environment['ZEROPLANE_ARGUMENTS'] ?? '').split(/\s+/).filter((word) => word !== '');
  const given = [...flagsOfEnvironment(environment), ...flagsOfArguments(args)];
  const gateways = given.filter(([name]) => GATEWAYS.test(name));
  const { server, errors } = effectiveFlags(given);
  const refused = gateways.map(([name]) => `--${name} is API Gateway's to say: functions listen nowhere`);
  if (refused.length + errors.length > 0) throw new Error([...refused, ...errors].join('\n'));
  return server;
}

/** What hosts bring that share a table among tenants. */
type GivenParts = Partial<
  Pick<
    ControlPlaneOptions,
    'storage' | 'moreControllers' | 'admissionPlugins' | 'frozenBetweenRequests' | 'logger' | 'tableUsage'
  >
>;

/** What a function's control plane is made of, but for the address that it is called by. */
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
 * Starts the control plane that `ZEROPLANE_TENANT`, `ZEROPLANE_TABLE` and `ZEROPLANE_ARGUMENTS` (kube-apiserver's flags,
 * separated by spaces) describe; `ZEROPLANE_` and a flag's name gives one flag. `endpoint`: the address that the
 * gateway was called by. `given`: in place of a table that is the tenant's alone. Rejects with Error for missing names and wrong flags.
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

/** Milliseconds that the loading of a function waits for its start; Lambda ends what takes ten seconds. */
const LOADING_MS = 5_000;

export interface FunctionServer {
  /** Resolves when the function is as ready as it can be before a request, or has waited for that long enough. */
  readonly loaded: Promise<void>;
  readonly create: CreateHandler;
}

/**
 * The server of a function that serves requests. It starts while the function is loaded, which has a whole processor for
 * that, and a part of one from then on: code, connections and what a cluster is born with are there when the first
 * request comes. That knows the address by which it came, so that what serves is made then, of the same parts; the plane
 * that started is let go. A start that failed is tried again by each request.
 */
export function functionServer(environment: NodeJS.ProcessEnv): FunctionServer {
  const start = once(() => startedParts(environment));
  return {
    loaded: whileLoading(start()),
    create: async (endpoint) => (await createFunctionPlane(environment, await start(), endpoint)).handler,
  };
}

/** Resolves when the work is done, has failed, of which who asks will hear, or has been waited for long enough. */
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
  // What decides of users who are not known yet is loaded meanwhile: its first call would wait for that.
  await Promise.all([plane.start(), import('../../shared/storage/dynamodb/term-index.ts')]);
  await plane.close();
  return parts;
}
