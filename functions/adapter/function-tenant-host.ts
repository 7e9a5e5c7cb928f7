/** What functions do for a fleet's tenants: rows of the fleet's table, kubeconfigs with tokens. */

import { setTimeout as sleep } from 'node:timers/promises';
import { bindAdmins } from '../../shared/fleet/bind-admins.ts';
import { BELIEVED_MS, type TenantEntry } from '../../shared/fleet/tenant-directory.ts';
import type { TenantHost } from '../../shared/fleet/tenant-host.ts';
import { TenantKeyRows } from '../../shared/fleet/tenant-key-rows.ts';
import type { KubeObject } from '../../shared/meta/kube-object.ts';
import { isAlreadyExists } from '../../shared/meta/status-error.ts';
import type { LoopbackClient } from '../../shared/rest/resource-access.ts';
import { purgeTenant } from '../../shared/storage/dynamodb/tenant-table.ts';
import type { FunctionFleet } from './function-fleet.ts';
import { keepAuthorities } from './tenant-authorities.ts';
import { makeSigningKey } from './tenant-keys.ts';

/** Milliseconds after which no function serves a tenant any more whose row says that it doesn't. */
const RETIRED_AFTER_MS = BELIEVED_MS + 1_000;

/** Whom the kubeconfig in the Secret is for. */
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

/** `endpointOf`: URL of a tenant, by its name. */
export function functionTenantHost(fleet: FunctionFleet, endpointOf: (name: string) => string): TenantHost {
  const { runtime, tableName } = fleet;
  const withKeys = async (entry: TenantEntry, use: (rows: TenantKeyRows) => Promise<void>): Promise<void> => {
    const { table, close } = fleet.openTable(entry);
    try {
      await use(new TenantKeyRows(table, entry.id, fleet.cipher));
    } finally {
      close();
    }
  };
  return {
    // The definition offers no other isolation: the table is there, and no tenant goes to another.
    tableOf: () => tableName,
    provision: async () => undefined,
    copy: async () => undefined,
    endpointOf,
    furnish: (entry, admins) => runtime.use(entry, ({ resources }) => bindAdmins(resources, admins)),
    makeSigningKey: (entry, number) => withKeys(entry, (rows) => makeSigningKey(rows, number)),
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
    retire: async ({ name }) => {
      await runtime.drop(name);
      await sleep(RETIRED_AFTER_MS);
    },
    purge: async (entry) => {
      const { table, close } = fleet.openTable(entry);
      try {
        await purgeTenant(table);
      } finally {
        close();
      }
    },
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

/** Seconds since the epoch; 0 of what is no token. */
function expiryOf(token: string): number {
  try {
    const claims = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());
    return Number((claims as { exp?: unknown }).exp) || 0;
  } catch {
    return 0;
  }
}

/** Clients trust the gateway's address as they do any on the internet. */
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
