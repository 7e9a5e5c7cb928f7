/**
 * The operations of functions on a fleet's tenants: rows of the fleet's table or separate tables, kubeconfigs with
 * tokens.
 */

import { setTimeout as sleep } from 'node:timers/promises';
import { bindAdmins } from '../../shared/fleet/bind-admins.ts';
import type { DueTenants } from '../../shared/fleet/due-tenants.ts';
import { CACHE_TTL_MS, type TenantEntry } from '../../shared/fleet/tenant-directory.ts';
import type { Check, TenantHost } from '../../shared/fleet/tenant-host.ts';
import { TenantKeyRows } from '../../shared/fleet/tenant-key-rows.ts';
import type { KubeObject } from '../../shared/meta/kube-object.ts';
import { isAlreadyExists } from '../../shared/meta/status-error.ts';
import type { LoopbackClient } from '../../shared/rest/resource-access.ts';
import { REQUEST_TIMEOUT_MS } from '../../shared/storage/dynamodb/connection.ts';
import { copyTenant, purgeTenant } from '../../shared/storage/dynamodb/copy-tenant.ts';
import type { TenantTable } from '../../shared/storage/dynamodb/tenant-table.ts';
import { once } from '../../shared/util/once.ts';
import type { FunctionFleet } from './function-fleet.ts';
import { ownTableName } from './own-table-name.ts';
import type { TablePlace } from './table-place.ts';
import { keepAuthorities } from './tenant-authorities.ts';
import { makeSigningKey } from './tenant-keys.ts';

/** Milliseconds after which no function serves a tenant any more whose row forbids it. */
const RETIRED_AFTER_MS = CACHE_TTL_MS + 1_000;
/**
 * Milliseconds after which, in addition, no earlier call of DynamoDB is in flight, so that the copy includes its
 * writes.
 */
const STILL_AFTER_MS = RETIRED_AFTER_MS + REQUEST_TIMEOUT_MS;

/** Subject of the kubeconfig in the Secret. */
const ADMIN = { namespace: 'kube-system', name: 'zeroplane-admin' };
const BINDING = 'zeroplane:kubeconfig';
const DAY_SECONDS = 24 * 3600;
const TOKEN_SECONDS = 90 * DAY_SECONDS;
const RENEW_BEFORE_SECONDS = 30 * DAY_SECONDS;

const SERVICE_ACCOUNTS = { group: '', version: 'v1', resource: 'serviceaccounts' };
const BINDINGS = { group: 'rbac.authorization.k8s.io', version: 'v1', resource: 'clusterrolebindings' };

interface TokenRequest extends KubeObject {
  readonly status?: { readonly token: string };
}

export interface FunctionTenantHostOptions {
  readonly fleet: FunctionFleet;
  /** URL of a tenant, by its name. */
  readonly endpointOf: (name: string) => string;
  /** Name of the function that runs controllers. */
  readonly functionName: string;
  readonly place: TablePlace;
  readonly due: DueTenants;
}

export function functionTenantHost(options: FunctionTenantHostOptions): TenantHost {
  const { fleet, endpointOf, due } = options;
  const { runtime, tableName } = fleet;
  /** Loaded on demand: most fleets have no such tables. */
  const ownTables = once(async () => {
    const { OwnTables } = await import('./own-tables.ts');
    return new OwnTables({ ...options, tableName });
  });
  /** Runs with the tenant's rows in a table, with credentials limited to them. */
  const inTable = async (
    entry: TenantEntry,
    run: (table: TenantTable) => Promise<void>,
    check?: Check,
  ): Promise<void> => {
    const { table, close } = fleet.openTable(entry, check);
    try {
      await run(table);
    } finally {
      close();
    }
  };
  const withKeys = (entry: TenantEntry, use: (rows: TenantKeyRows) => Promise<void>): Promise<void> =>
    inTable(entry, (table) => use(new TenantKeyRows(table, entry.id, fleet.cipher)));
  return {
    tableOf: (id, isolation) => (isolation === 'Shared' ? tableName : ownTableName(tableName, id)),
    provision: async ({ id, table }) => {
      if (table !== tableName) await (await ownTables()).provision(id);
    },
    clear: (entry, { check, onRemoved }) =>
      inTable(entry, (table) => purgeTenant(table, { onRemoved }), check),
    copy: (entry, table, { check, ...options }) =>
      inTable(entry, (from) => inTable({ ...entry, table }, (to) => copyTenant(from, to, options), check)),
    endpointOf,
    furnish: (entry, admins) => runtime.use(entry, ({ resources }) => bindAdmins(resources, admins)),
    makeSigningKey: (entry, number) => withKeys(entry, (rows) => makeSigningKey(rows, number)),
    keepFiles: async (entry, files, former) => {
      // Most tenants have none.
      if (entry.files === undefined && former === undefined) return;
      const { keepTenantFiles } = await import('../../shared/fleet/tenant-files.ts');
      await withKeys(entry, (rows) => keepTenantFiles(rows, files, former));
    },
    keepAuthorities: async (entry) => {
      const { authorities } = entry;
      if (authorities !== undefined) await withKeys(entry, (rows) => keepAuthorities(rows, authorities));
    },
    isKubeconfigGood: ({ endpoint }, kubeconfig) => {
      const read = (field: string) => new RegExp(`${field}: (\\S+)`).exec(kubeconfig)?.[1] ?? '';
      return (
        read('server') === endpoint && expiryOf(read('token')) > Date.now() / 1000 + RENEW_BEFORE_SECONDS
      );
    },
    newKubeconfig: (entry) =>
      runtime.use(entry, async ({ resources: { client } }) =>
        renderKubeconfig(entry, await newToken(client)),
      ),
    retire: async ({ id, name, state }) => {
      await Promise.all([fleet.notifyChange(id), runtime.drop(name)]);
      await sleep(state === 'Moving' ? STILL_AFTER_MS : RETIRED_AFTER_MS);
    },
    purge: async (entry, { check, onRemoved }) => {
      if (entry.table === tableName)
        await inTable(entry, (table) => purgeTenant(table, { onRemoved }), check);
      else await (await ownTables()).remove(entry.id);
    },
    release: async ({ id, table }) => {
      if (table !== tableName) await (await ownTables()).release(id);
    },
    resume: ({ id }) => due.put({ id, at: Date.now() }),
  };
}

async function newToken(client: LoopbackClient): Promise<string> {
  const { namespace, name } = ADMIN;
  const account: KubeObject = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { namespace, name } };
  const binding = {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRoleBinding',
    metadata: { name: BINDING },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'cluster-admin' },
    subjects: [{ kind: 'ServiceAccount', namespace, name }],
  };
  await client.create(SERVICE_ACCOUNTS, account, { namespace }).catch(unlessThere);
  await client.create<KubeObject>(BINDINGS, binding).catch(unlessThere);
  const request = {
    apiVersion: 'authentication.k8s.io/v1',
    kind: 'TokenRequest',
    metadata: {},
    spec: { audiences: [], expirationSeconds: TOKEN_SECONDS },
  };
  const options = { namespace, name, subresource: 'token' };
  const { status } = await client.create<TokenRequest>(SERVICE_ACCOUNTS, request, options);
  return status!.token;
}

function unlessThere(error: unknown): void {
  if (!isAlreadyExists(error)) throw error;
}

/** Seconds since the epoch; 0 if it is not a token. */
function expiryOf(token: string): number {
  try {
    const claims = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());
    return Number((claims as { exp?: unknown }).exp) || 0;
  } catch {
    return 0;
  }
}

/** Without a CA: the gateway's certificate is publicly trusted. */
function renderKubeconfig({ name, endpoint }: TenantEntry, token: string): string {
  return `apiVersion: v1
kind: Config
clusters:
- name: ${name}
  cluster:
    server: ${endpoint}
users:
- name: ${name}
  user:
    token: ${token}
contexts:
- name: ${name}
  context:
    cluster: ${name}
    user: ${name}
current-context: ${name}
`;
}
