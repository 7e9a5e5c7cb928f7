/** A fleet in a function: the directory, and the tenants loaded in this environment, each with its own credentials. */

import { randomBytes } from 'node:crypto';
import { auditBytes } from '../../shared/audit/audit-bytes.ts';
import { lastNames } from '../../shared/controllers/observed-storage.ts';
import { MANAGEMENT_PLANE } from '../../shared/fleet/control-plane.ts';
import { FleetMeter } from '../../shared/fleet/fleet-meter.ts';
import { isPlaceholder } from '../../shared/fleet/placeholder-tenant.ts';
import { SharedLimits } from '../../shared/fleet/shared-limits.ts';
import { Tenancy } from '../../shared/fleet/tenancy.ts';
import { TenantDirectory, type TenantEntry } from '../../shared/fleet/tenant-directory.ts';
import type { Check } from '../../shared/fleet/tenant-host.ts';
import { TenantLedger } from '../../shared/fleet/tenant-ledger.ts';
import { type LoadedTenant, TenantRuntime } from '../../shared/fleet/tenant-runtime.ts';
import type { TenantUsage } from '../../shared/fleet/tenant-usage.ts';
import { UsageRows } from '../../shared/fleet/usage-rows.ts';
import type { ResourceAccess } from '../../shared/rest/resource-access.ts';
import { BootstrapTemplates } from '../../shared/server/bootstrap-template.ts';
import type { ControlPlane } from '../../shared/server/create-control-plane.ts';
import { loadConfigFile } from '../../shared/server/options/config-files.ts';
import { parseOptions } from '../../shared/server/options/parse-options.ts';
import { CheckedTable } from '../../shared/storage/dynamodb/checked-table.ts';
import { CircuitBreakerTable } from '../../shared/storage/dynamodb/circuit-breaker-table.ts';
import { DynamoDBStorageFactory } from '../../shared/storage/dynamodb/dynamodb-storage-factory.ts';
import { hasSharedHeads } from '../../shared/storage/dynamodb/heads.ts';
import { HintBoard } from '../../shared/storage/dynamodb/hint-board.ts';
import type { HintsOf } from '../../shared/storage/dynamodb/log-hints.ts';
import type { StorageMemory } from '../../shared/storage/dynamodb/storage-memory.ts';
import { TenantTable } from '../../shared/storage/dynamodb/tenant-table.ts';
import type { Cipher } from '../../shared/storage/encryption/cipher.ts';
import type { TableUsageCounter } from '../../shared/storage/table-usage.ts';
import { publicAddresses } from '../../shared/util/address-guard.ts';
import { systemClock } from '../../shared/util/clock.ts';
import type { Logger } from '../../shared/util/logger.ts';
import { once } from '../../shared/util/once.ts';
import { SharedBytes } from '../../shared/util/shared-bytes.ts';
import { isQuiet } from './change-stream.ts';
import { fleetCipher } from './fleet-cipher.ts';
import { functionFiles } from './function-files.ts';
import { functionFlags } from './function-server.ts';
import { type FunctionTable, functionTable } from './function-table.ts';
import { ParameterStore } from './parameter-store.ts';
import { TenantCredentials } from './tenant-credentials.ts';
import { createTenantPlane, fleetIAM } from './tenant-plane.ts';

export interface FunctionTenant extends LoadedTenant {
  readonly entry: TenantEntry;
  readonly plane: ControlPlane;
  readonly resources: ResourceAccess;
}

export interface FunctionFleet {
  readonly name: string;
  readonly tableName: string;
  /** The fleet's own rows, with the function's own credentials: the directory, the management plane. */
  readonly table: FunctionTable;
  readonly directory: TenantDirectory;
  readonly runtime: TenantRuntime<FunctionTenant>;
  readonly meter: FleetMeter;
  /**
   * Opens a tenant's rows, with credentials limited to them. The caller closes it. `check`: awaited before every call.
   */
  openTable(entry: Pick<TenantEntry, 'id' | 'table'>, check?: Check): OpenedTable;
  /**
   * Notifies other processes of a change to a tenant, by its id. If the notification is lost, they learn of it a little
   * later.
   */
  notifyChange(id: string): Promise<void>;
  /** Loads the code that requests tenants' credentials. */
  prepareCredentials(): Promise<void>;
  /** Hints between the fleet's processes about a tenant's logs, by its id. */
  hintsOf(id: string): HintsOf;
  /** Hints about a tenant's logs that must arrive. Rejects with StorageError if they can't be stored for a while. */
  announce(id: string, logs: ReadonlyMap<string, number>): Promise<void>;
  readonly sharedLimits: SharedLimits;
  /** Encrypts tenants' keys. */
  readonly cipher: Cipher;
}

export interface OpenedTable {
  readonly table: TenantTable;
  close(): void;
}

const IDLE_MS = 30 * 60_000;

/** In place of a resource's prefix: hints about changes to the tenant itself. */
const CHANGES = '#directory';

/** Differences between the hosts that serve a deployed fleet. */
export interface FleetHosting {
  /** Whether the process is frozen between requests, as on Lambda. */
  readonly frozenBetweenRequests: boolean;
  /** Maximum number of loaded tenants. */
  readonly maxLoaded: number;
  /** Whether memory is short: then idle tenants are dropped early. */
  readonly isShort?: (() => boolean) | undefined;
  /** Shared by all tenants; absent: separate budgets for each. */
  readonly memory?: StorageMemory | undefined;
  /** Of each resource: see `StorageTuning`. */
  readonly windowBytes?: number | undefined;
  readonly logger: Logger;
  /** Called about once a minute with each tenant's usage. */
  readonly reportUsage: (tenant: string, usage: TenantUsage, seconds: number) => void;
  /** Counts the calls to DynamoDB. */
  readonly tableUsage: TableUsageCounter;
}

/**
 * `ZEROPLANE_TENANT` names the fleet, `ZEROPLANE_TABLE` its table, `ZEROPLANE_TENANT_ROLE` the role that is assumed for
 * each tenant; with `ZEROPLANE_HINTS`, writes are announced to hosts that hold watches. Throws Error for missing names.
 */
export function createFunctionFleet(
  environment: NodeJS.ProcessEnv,
  {
    frozenBetweenRequests,
    maxLoaded,
    isShort,
    memory,
    windowBytes,
    logger: hostLogger,
    tableUsage,
    reportUsage,
  }: FleetHosting,
): FunctionFleet {
  const { ZEROPLANE_TENANT: name, ZEROPLANE_TABLE: tableName, ZEROPLANE_TENANT_ROLE: role } = environment;
  if (!name) throw new Error('ZEROPLANE_TENANT must name the fleet');
  if (!tableName) throw new Error('ZEROPLANE_TABLE must name the table of the fleet');
  if (!role) throw new Error('ZEROPLANE_TENANT_ROLE must name the role that reaches the rows of one tenant');
  const flags = parseOptions(functionFlags(environment));
  const { verbosity = 0, tracingConfigFile = '' } = flags;
  const logger = hostLogger.at(verbosity);
  const table = functionTable(environment, { tableName, onCapacity: tableUsage.add });
  const credentials = new TenantCredentials(role);
  const parameters = new ParameterStore(name, logger);
  const cipher = fleetCipher(parameters);
  const bundle = environment['LAMBDA_TASK_ROOT'] ?? '.';
  const tracingConfiguration = once(async () => {
    const readFile = await functionFiles([tracingConfigFile], bundle, parameters);
    return loadConfigFile('tracingConfigFile', tracingConfigFile, readFile);
  });
  const addresses = publicAddresses(
    (environment['ZEROPLANE_ALLOW_ADDRESSES'] ?? '').split(/[\s,]+/).filter(Boolean),
  );
  const process = randomBytes(6).toString('base64url');
  const board = new HintBoard({
    ...{ table, clock: systemClock, writer: process },
    publishes: Boolean(environment['ZEROPLANE_HINTS']),
    // A process that can be frozen holds a single watch, so it may as well poll that log.
    listens: !frozenBetweenRequests,
  });
  const hasHints = (prefix: string) => !isQuiet(lastNames(prefix));
  const hintsOf = (id: string) => board.of(id, hasHints);
  const changesOf = (id: string) => board.of(id)(CHANGES);
  const meter = new FleetMeter({ rows: new UsageRows(table), report: reportUsage, logger });
  const openTable: FunctionFleet['openTable'] = ({ id, table }, check) => {
    const onCapacity = (purpose: string, units: number): void => {
      tableUsage.add(purpose, units);
      meter.usage.capacity(id, purpose, units);
    };
    const own = { tableName: table, onCapacity, credentials: credentials.of(id) };
    const connected = functionTable(environment, own);
    const asked = check === undefined ? connected : new CheckedTable(connected, check);
    return { table: new TenantTable(asked, id), close: () => connected.close() };
  };
  // The log's clock, which continues while a process is frozen.
  const directory = new TenantDirectory(table, systemClock.now);
  const ledgerOf = ({ id, name }: TenantEntry): TenantLedger =>
    new TenantLedger({
      ...{ table, logger, tenant: { id, name } },
      limits: async () => (await directory.find(name))?.limits,
      isLazy: false,
    });
  const auditMemory = new SharedBytes(auditBytes());
  const bootstrapTemplates = new BootstrapTemplates();
  // A fleet started by an earlier release may serve part of its requests with that for a while.
  const managementTable = new TenantTable(table, MANAGEMENT_PLANE);
  const open = async (entry: TenantEntry): Promise<FunctionTenant> => {
    const tenancy = new Tenancy({ entry, directory, onEnd: () => void runtime.retire(entry) });
    const opened = openTable(entry, isPlaceholder(entry) ? undefined : tenancy.check);
    const ledger = ledgerOf(entry);
    const storage = new DynamoDBStorageFactory({
      ledger,
      table: new CircuitBreakerTable(opened.table, systemClock),
      memory,
      windowBytes,
      hintsOf: tenancy.checkedByHints(hintsOf(entry.id), changesOf(entry.id)),
    });
    const close = async (): Promise<void> => {
      await storage.close();
      await ledger.flush();
      opened.close();
    };
    try {
      const { plane } = await createTenantPlane(entry, {
        table: opened.table,
        storage,
        cipher,
        addresses,
        controllers: 'whenAsked',
        iam: fleetIAM(flags),
        auditMemory,
        bootstrapTemplates,
        gathersHeads: () => hasSharedHeads(managementTable),
        frozenBetweenRequests,
        logger,
        tableUsage,
        tracingConfiguration: await tracingConfiguration(),
      });
      if (!isPlaceholder(entry)) await plane.start();
      return {
        entry,
        plane,
        handler: plane.handler,
        resources: plane.resources,
        drain: () => plane.drain(),
        // Controllers run in another function.
        idle: async () => undefined,
        close: async () => {
          await plane.close();
          await close();
        },
      };
    } catch (error) {
      await close();
      throw error;
    }
  };
  const runtime = new TenantRuntime({
    open,
    idleMs: IDLE_MS,
    maxLoaded,
    isShort,
    onError: (message, error) => logger.error(message, error),
  });
  return {
    name,
    tableName,
    table,
    directory,
    meter,
    runtime,
    openTable,
    notifyChange: async (id) => changesOf(id)?.publish(0),
    prepareCredentials: () => credentials.prepare(),
    hintsOf,
    announce: (id, logs) =>
      board.announce(
        [...logs]
          .filter(([prefix]) => hasHints(prefix))
          .map(([prefix, revision]) => [`${id}${prefix}`, revision]),
      ),
    sharedLimits: new SharedLimits({ table, process }),
    cipher,
  };
}
