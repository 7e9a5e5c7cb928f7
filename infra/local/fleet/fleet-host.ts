/** The tenant host of a local fleet: tables in the embedded DynamoDB, client certificates for kubeconfigs. */

import { X509Certificate } from 'node:crypto';
import { keepAuthorities, signerOf } from '../../../functions/adapter/tenant-authorities.ts';
import { makeSigningKey } from '../../../functions/adapter/tenant-keys.ts';
import { keysOfTenant } from '../../../functions/adapter/tenant-plane.ts';
import { auditBytes } from '../../../shared/audit/audit-bytes.ts';
import { AbsentTenants } from '../../../shared/fleet/absent-tenants.ts';
import { bindAdmins } from '../../../shared/fleet/bind-admins.ts';
import { signedBy } from '../../../shared/fleet/own-credentials.ts';
import { placeholderEntry } from '../../../shared/fleet/placeholder-tenant.ts';
import type { TenantFiles } from '../../../shared/fleet/tenant-configuration.ts';
import type { TenantDirectory, TenantEntry } from '../../../shared/fleet/tenant-directory.ts';
import { keepTenantFiles } from '../../../shared/fleet/tenant-files.ts';
import type { Copying, Removing, TenantHost } from '../../../shared/fleet/tenant-host.ts';
import { TenantKeyRows } from '../../../shared/fleet/tenant-key-rows.ts';
import { TenantLedger } from '../../../shared/fleet/tenant-ledger.ts';
import { TenantRuntime } from '../../../shared/fleet/tenant-runtime.ts';
import type { UsageMeter } from '../../../shared/fleet/tenant-usage.ts';
import { BootstrapTemplates } from '../../../shared/server/bootstrap-template.ts';
import { CheckedTable } from '../../../shared/storage/dynamodb/checked-table.ts';
import type { ConnectedTable } from '../../../shared/storage/dynamodb/connected-table.ts';
import { copyTenant, purgeTenant } from '../../../shared/storage/dynamodb/copy-tenant.ts';
import { DynamoDBStorageFactory } from '../../../shared/storage/dynamodb/dynamodb-storage-factory.ts';
import { plant } from '../../../shared/storage/dynamodb/plant.ts';
import { TenantTable } from '../../../shared/storage/dynamodb/tenant-table.ts';
import { SharedContents } from '../../../shared/storage/shared-contents.ts';
import { issueCertificate } from '../../../shared/util/issue-certificate.ts';
import { SharedBytes } from '../../../shared/util/shared-bytes.ts';
import { SOLE_WRITER } from '../control-plane.ts';
import type { OpenTable } from '../dynamodb/table-opener.ts';
import { renderKubeconfig } from '../kubeconfig.ts';
import { localStorageMemory } from '../storage-memory.ts';
import { type FleetTenant, type OpenTenantOptions, openTenant } from './fleet-tenant.ts';

export interface FleetHostOptions
  extends Pick<
    OpenTenantOptions,
    | 'addresses'
    | 'cipher'
    | 'certificateAuthority'
    | 'controllers'
    | 'iam'
    | 'logger'
    | 'tableUsage'
    | 'tracingConfiguration'
  > {
  readonly openTable: OpenTable;
  /** The table that tenants share. */
  readonly tableName: string;
  /** The DynamoDB belongs to this process, and no other writes to it. */
  readonly isAlone: boolean;
  readonly directory: TenantDirectory;
  /** Counts tenants' calls to DynamoDB. */
  readonly usage?: UsageMeter | undefined;
  /** Maximum number of loaded tenants; default: 500. */
  readonly maxLoaded?: number | undefined;
  /** URL of a tenant; known once the listener is. */
  readonly endpointOf: (name: string) => string;
}

/** Milliseconds without a request after which a tenant is dropped. */
const IDLE_MS = 5 * 60_000;
const MAX_LOADED = 500;
const DAY_MS = 24 * 3600_000;

/** A tenant's storage, shared by all its servers: two separate ones would each assume to be the only writer. */
interface OpenStorage {
  readonly table: TenantTable;
  readonly storage: DynamoDBStorageFactory;
  readonly ledger: TenantLedger;
  users: number;
}

export class FleetHost implements TenantHost {
  readonly runtime: TenantRuntime<FleetTenant>;
  readonly absentTenants: AbsentTenants;
  readonly #options: FleetHostOptions;
  readonly #tables = new Map<string, ConnectedTable>();
  readonly #storages = new Map<string, OpenStorage>();
  /** Dropped tenants by id, with the timer for their next due work, if any. */
  readonly #resting = new Map<string, NodeJS.Timeout | undefined>();
  readonly #auditMemory = new SharedBytes(auditBytes());
  readonly #bootstrapTemplates = new BootstrapTemplates();
  /** Of all tenants together. */
  readonly #memory = { ...localStorageMemory(), contents: new SharedContents() };
  #isClosed = false;

  constructor(options: FleetHostOptions) {
    this.#options = options;
    this.runtime = new TenantRuntime({
      open: (entry) => this.#open(entry),
      idleMs: IDLE_MS,
      maxLoaded: options.maxLoaded ?? MAX_LOADED,
      onError: (message, error) => options.logger.error(message, error),
    });
    this.absentTenants = new AbsentTenants({
      runtime: this.runtime,
      placeholder: placeholderEntry(options.tableName),
      signatures: ({ id, table, endpoint }) => ({
        signedBy: signedBy(
          keysOfTenant(new TenantTable(this.table(table), id), id, options.cipher),
          endpoint,
        ),
        close: () => undefined,
      }),
    });
  }

  tableOf(id: string, isolation: 'Shared' | 'Dedicated'): string {
    const { tableName } = this.#options;
    return isolation === 'Shared' ? tableName : `${tableName}-${id}`;
  }

  endpointOf(name: string): string {
    return this.#options.endpointOf(name);
  }

  async provision({ table }: TenantEntry): Promise<void> {
    if (table !== this.#options.tableName) await this.table(table).create();
  }

  async furnish(entry: TenantEntry, admins: Parameters<TenantHost['furnish']>[1]): Promise<void> {
    await this.runtime.use(entry, ({ resources }) => bindAdmins(resources, admins));
  }

  async makeSigningKey(entry: TenantEntry, number: number): Promise<void> {
    await makeSigningKey(this.#keyRows(entry), number);
  }

  async keepAuthorities(entry: TenantEntry): Promise<void> {
    if (entry.authorities !== undefined) await keepAuthorities(this.#keyRows(entry), entry.authorities);
  }

  async keepFiles(entry: TenantEntry, files: TenantFiles, former: string | undefined): Promise<void> {
    if (entry.files === undefined && former === undefined) return;
    await keepTenantFiles(this.#keyRows(entry), files, former);
  }

  #keyRows({ id, table }: TenantEntry): TenantKeyRows {
    return new TenantKeyRows(new TenantTable(this.table(table), id), id, this.#options.cipher);
  }

  isKubeconfigGood({ endpoint, authorities }: TenantEntry, kubeconfig: string): boolean {
    const read = (field: string) => new RegExp(`${field}: (\\S+)`).exec(kubeconfig)?.[1] ?? '';
    const decode = (field: string) => Buffer.from(read(field), 'base64').toString();
    if (read('server') !== endpoint) return false;
    if (decode('certificate-authority-data') !== this.#options.certificateAuthority) return false;
    try {
      const certificate = new X509Certificate(decode('client-certificate-data'));
      if ((signerOf(certificate) ?? 0) < (authorities?.oldest ?? 1)) return false;
      return Date.parse(certificate.validTo) > Date.now() + 30 * DAY_MS;
    } catch {
      return false;
    }
  }

  /** For an admin, by a certificate of the tenant's own CA. */
  newKubeconfig(entry: TenantEntry): Promise<string> {
    const { certificateAuthority } = this.#options;
    return this.runtime.use(entry, async ({ keys }) => {
      const authority = await keys.clusterSigning();
      const name = 'O=system:masters, CN=kubernetes-admin';
      const { certificate, key } = await issueCertificate({ name, usage: 'client' }, authority);
      return renderKubeconfig({
        name: entry.name,
        server: entry.endpoint,
        certificateAuthority,
        clientCertificate: certificate,
        clientKey: key,
      });
    });
  }

  async retire({ id, name }: TenantEntry): Promise<void> {
    await this.runtime.drop(name);
    this.#wake(id);
  }

  async clear({ id, table }: TenantEntry, { check, onRemoved }: Removing): Promise<void> {
    await purgeTenant(new TenantTable(new CheckedTable(this.table(table), check), id), { onRemoved });
  }

  async copy({ id, table }: TenantEntry, to: string, { check, ...options }: Copying): Promise<void> {
    const target = new CheckedTable(this.table(to), check);
    await copyTenant(new TenantTable(this.table(table), id), new TenantTable(target, id), options);
  }

  async release(): Promise<void> {}

  /** Nothing to do: the next load runs a full sync. */
  async resume(): Promise<void> {}

  async purge(entry: TenantEntry, removing: Removing): Promise<void> {
    const { table } = entry;
    if (table === this.#options.tableName) {
      await this.clear(entry, removing);
      return;
    }
    const own = this.table(table);
    await own.remove();
    own.close();
    this.#tables.delete(table);
  }

  /** Drops idle tenants. Must be called periodically. */
  sweep(): void {
    this.runtime.sweep();
    for (const { ledger } of this.#storages.values()) void ledger.flush();
  }

  /** One client for all users of a table. */
  table(name: string): ConnectedTable {
    let table = this.#tables.get(name);
    if (table === undefined) {
      table = this.#options.openTable(name);
      this.#tables.set(name, table);
    }
    return table;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    for (const id of this.#resting.keys()) this.#wake(id);
    await this.absentTenants.close();
    await this.runtime.close();
    for (const table of this.#tables.values()) table.close();
  }

  async #open(entry: TenantEntry): Promise<FleetTenant> {
    const { addresses, cipher, certificateAuthority, controllers, iam, logger } = this.#options;
    const { tableUsage, tracingConfiguration } = this.#options;
    const open = this.#acquireStorage(entry);
    const isAtRest = this.#isAtRest(entry.id);
    try {
      const tenant = await openTenant(entry, {
        ...open,
        addresses,
        cipher,
        certificateAuthority,
        controllers,
        iam,
        auditMemory: this.#auditMemory,
        bootstrapTemplates: this.#bootstrapTemplates,
        isAtRest,
        logger,
        tableUsage,
        tracingConfiguration,
      });
      return {
        ...tenant,
        close: async () => {
          await tenant.idle();
          this.#rest(entry, tenant.nextIn());
          await tenant.close();
          await this.#releaseStorage(entry.id, open);
        },
      };
    } catch (error) {
      await this.#releaseStorage(entry.id, open);
      throw error;
    }
  }

  /** Only the table's only writer knows that no write was missed. */
  #isAtRest(id: string): boolean {
    const isKnown = this.#resting.has(id) && this.#resting.get(id) === undefined;
    this.#wake(id);
    return isKnown && this.#options.isAlone;
  }

  #wake(id: string): void {
    clearTimeout(this.#resting.get(id));
    this.#resting.delete(id);
  }

  /** Remembers that a tenant's controllers are idle, and loads the tenant when they have work due. */
  #rest(entry: TenantEntry, dueMs: number | undefined): void {
    const { id, name } = entry;
    this.#wake(id);
    if (this.#isClosed) return;
    if (dueMs === undefined) {
      this.#resting.set(id, undefined);
      return;
    }
    const timer = setTimeout(() => {
      this.#work(entry).catch((error: unknown) =>
        this.#options.logger.error(`control plane ${name} can't be loaded for its controllers`, error),
      );
    }, dueMs);
    timer.unref();
    this.#resting.set(id, timer);
  }

  async #work({ id, name }: TenantEntry): Promise<void> {
    const entry = await this.#options.directory.find(name);
    if (entry?.id !== id || entry.state !== 'Active') return;
    await this.runtime.use(entry, (tenant) => tenant.idle());
  }

  #acquireStorage({ id, name: tenant, table: name }: TenantEntry): OpenStorage {
    let open = this.#storages.get(id);
    if (open === undefined) {
      const { isAlone } = this.#options;
      const { usage } = this.#options;
      const shared = this.table(name);
      const own = usage && shared.countedBy((purpose, units) => usage.capacity(id, purpose, units));
      const table = new TenantTable(own ?? shared, id, { isAlone });
      const protocol = isAlone ? SOLE_WRITER : {};
      const ledger = this.#ledgerOf({ id, name: tenant });
      const storage = new DynamoDBStorageFactory({ table, protocol, plant, ledger, memory: this.#memory });
      open = { table, ledger, storage, users: 0 };
      this.#storages.set(id, open);
    }
    open.users++;
    return open;
  }

  async #releaseStorage(id: string, open: OpenStorage): Promise<void> {
    open.users--;
    if (open.users > 0) return;
    this.#storages.delete(id);
    await open.storage.close();
    await open.ledger.flush();
  }

  #ledgerOf(tenant: { readonly id: string; readonly name: string }): TenantLedger {
    const { tableName, isAlone, directory, logger } = this.#options;
    return new TenantLedger({
      ...{ table: this.table(tableName), tenant, logger, isLazy: isAlone },
      limits: async () => (await directory.find(tenant.name))?.limits,
    });
  }
}
