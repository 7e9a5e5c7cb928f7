/** `zeroplane create|get|delete|kubeconfig NAME`: a fleet's control planes, through its management plane's API. */

import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  type Admin,
  CONTROL_PLANES,
  type ControlPlane,
  type ControlPlaneSpec,
} from '../../shared/fleet/control-plane.ts';
import { readinessOf } from '../../shared/fleet/report-readiness.ts';
import type { KubeObject } from '../../shared/meta/kube-object.ts';
import type { Condition, Table, TableRow } from '../../shared/meta/v1/types.ts';
import { type Cluster, ClusterError, type ClusterOptions, connectCluster } from './cluster.ts';
import { alignColumns } from './columns.ts';

export interface ManagementOptions extends ClusterOptions {
  /** Of the `ControlPlane` objects. */
  readonly namespace: string;
}

export interface CreateOptions extends ManagementOptions {
  readonly kubernetesVersion?: string | undefined;
  /** Flags of kube-apiserver in the form `--flag=value`: `--event-ttl=2h`. */
  readonly argument?: readonly string[] | undefined;
  /** `iam=ARN`, `user=NAME` or `group=NAME` each. */
  readonly admin?: readonly string[] | undefined;
  readonly isolation?: string | undefined;
  readonly deletionPolicy?: string | undefined;
  readonly writeKubeconfig?: string | undefined;
  /** Seconds. */
  readonly timeout: number;
}

export interface ListOptions extends ManagementOptions {
  readonly allNamespaces?: boolean | undefined;
}

export type DeleteOptions = ManagementOptions & Pick<CreateOptions, 'timeout'>;

export interface KubeconfigOptions extends ManagementOptions, Pick<CreateOptions, 'writeKubeconfig'> {
  /** Seconds to wait until it is ready; absent: don't wait. */
  readonly wait?: number | undefined;
}

const POLL_INTERVAL_MS = 250;
/** Reasons for not being ready that waiting doesn't resolve. */
const FINAL_REASONS: ReadonlySet<string> = new Set(['InvalidArguments', 'NameTaken', 'SecretTaken']);
const NO_SUCH_PATH = '404 page not found';
const ADMIN = /^(iam|user|group)=(.+)$/s;

const VERSION = `/apis/${CONTROL_PLANES.group}/${CONTROL_PLANES.version}`;

const pathOf = (namespace: string, name?: string): string =>
  `${VERSION}/namespaces/${encodeURIComponent(namespace)}/` +
  `${CONTROL_PLANES.resource}${name === undefined ? '' : `/${encodeURIComponent(name)}`}`;

/**
 * Resolves with the path of its kubeconfig when it is ready. Throws Error with the reason if it doesn't become ready.
 */
export async function createControlPlane(name: string, options: CreateOptions): Promise<string> {
  const spec = specOf(options);
  return withManagement(options, async (management) => {
    const { namespace } = options;
    await management.request('POST', pathOf(namespace), {
      body: {
        apiVersion: `${CONTROL_PLANES.group}/${CONTROL_PLANES.version}`,
        kind: 'ControlPlane',
        metadata: { name, namespace },
        spec,
      },
    });
    await waitForReady(management, name, { namespace, seconds: options.timeout });
    return fetchKubeconfig(management, name, options);
  });
}

/** Throws Error with the reason if it isn't ready in time, or at once if waiting is of no use. */
async function waitForReady(
  management: Cluster,
  name: string,
  { namespace, seconds }: { readonly namespace: string; readonly seconds: number },
): Promise<void> {
  const until = performance.now() + seconds * 1000;
  for (;;) {
    const object = await management.get<ControlPlane>(pathOf(namespace, name));
    const ready = readinessOf(object);
    if (ready?.status === 'True') return;
    if (FINAL_REASONS.has(ready?.reason ?? ''))
      throw new Error(`control plane ${name}: ${readinessText(ready)}`);
    if (performance.now() > until)
      throw new Error(`control plane ${name} is not ready: ${readinessText(ready)}`);
    await sleep(POLL_INTERVAL_MS);
  }
}

const readinessText = (ready: Condition | undefined): string =>
  ready === undefined ? 'it has no status yet' : `${ready.reason}: ${ready.message}`;

/**
 * The lines of a table, like kubectl's: of one control plane, of the namespace, or of all namespaces. Undefined: there
 * are none.
 */
export function listControlPlanes(
  name: string | undefined,
  options: ListOptions,
): Promise<string | undefined> {
  const { allNamespaces, namespace } = options;
  if (name !== undefined && allNamespaces) {
    throw new Error('NAME and --all-namespaces exclude each other');
  }
  return withManagement(options, async (management) => {
    const accept = 'application/json;as=Table;v=v1;g=meta.k8s.io';
    const path = allNamespaces ? `${VERSION}/${CONTROL_PLANES.resource}` : pathOf(namespace, name);
    const { columnDefinitions, rows = [] } = await management.request<Table>('GET', path, { accept });
    if (rows === null || rows.length === 0) return undefined;
    const shown = (columnDefinitions ?? []).flatMap(({ name, priority }, at) =>
      priority > 0 ? [] : [{ head: name.toUpperCase(), at }],
    );
    const namespaceOf = ({ object }: TableRow): string =>
      (object as Partial<KubeObject> | undefined)?.metadata?.namespace ?? '';
    return alignColumns([
      [...(allNamespaces ? ['NAMESPACE'] : []), ...shown.map(({ head }) => head)],
      ...rows.map((row) => [
        ...(allNamespaces ? [namespaceOf(row)] : []),
        ...shown.map(({ at }) => String(row.cells?.[at] ?? '')),
      ]),
    ]);
  });
}

/** Resolves when it is deleted, with a message about its data. */
export function deleteControlPlane(name: string, options: DeleteOptions): Promise<string> {
  return withManagement(options, async (management) => {
    const path = pathOf(options.namespace, name);
    const { metadata, spec, status } = await management.get<ControlPlane>(path);
    const { uid } = metadata;
    const kept = spec.deletionPolicy === 'Retain' ? status?.storage : undefined;
    await management.request('DELETE', path, { body: { preconditions: { uid } } });
    const until = performance.now() + options.timeout * 1000;
    for (;;) {
      const left = await management.get<KubeObject>(path).catch((error: unknown) => {
        if (error instanceof ClusterError && error.status === 404) return undefined;
        throw error;
      });
      if (left?.metadata.uid !== uid) {
        const data = kept === undefined ? '' : `; its data stays in table ${kept.table}, under ${kept.id}`;
        return `control plane ${name} is deleted${data}`;
      }
      if (performance.now() > until) throw new Error(`control plane ${name} is still being deleted`);
      await sleep(POLL_INTERVAL_MS);
    }
  });
}

/** Resolves with the path that the kubeconfig was written to. */
export function writeControlPlaneKubeconfig(name: string, options: KubeconfigOptions): Promise<string> {
  const { namespace, wait: seconds } = options;
  return withManagement(options, async (management) => {
    if (seconds !== undefined) await waitForReady(management, name, { namespace, seconds });
    return fetchKubeconfig(management, name, options);
  });
}

async function fetchKubeconfig(
  management: Cluster,
  name: string,
  { namespace, writeKubeconfig }: KubeconfigOptions,
): Promise<string> {
  const object = await management.get<ControlPlane>(pathOf(namespace, name));
  const secret = object.status?.kubeconfig?.secret;
  if (secret === undefined) {
    throw new Error(`control plane ${name} has no kubeconfig yet: ${readinessText(readinessOf(object))}`);
  }
  const { data } = await management.get<{ data?: { value?: string } }>(
    `/api/v1/namespaces/${encodeURIComponent(namespace)}/secrets/${encodeURIComponent(secret)}`,
  );
  const path = resolve(writeKubeconfig ?? `.zeroplane/tenants/${name}.kubeconfig`);
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  writeFileSync(path, Buffer.from(data?.value ?? '', 'base64'), { mode: 0o600 });
  return path;
}

/** Absent options are left to the definition's defaults. */
function specOf(options: CreateOptions): Partial<ControlPlaneSpec> {
  const { kubernetesVersion: version, argument, admin, isolation, deletionPolicy } = options;
  const given = {
    version,
    arguments: argument,
    admins: admin?.map(adminOf),
    isolation,
    deletionPolicy,
  };
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
}

function adminOf(text: string): Admin {
  const [, kind, value] = ADMIN.exec(text) ?? [];
  if (kind === undefined) throw new Error(`--admin ${text}: must be iam=ARN, user=NAME or group=NAME`);
  return { [kind]: value };
}

async function withManagement<T>(
  options: ManagementOptions,
  use: (management: Cluster) => Promise<T>,
): Promise<T> {
  const management = await connectCluster(options);
  try {
    return await use(management);
  } catch (error) {
    // The path is an implementation detail.
    throw error instanceof ClusterError ? new Error(inWords(error), { cause: error }) : error;
  } finally {
    await management.close();
  }
}

function inWords({ status, reason }: ClusterError): string {
  if (status === 401) return `${reason}: the kubeconfig's user is unknown to the management plane`;
  // For a missing object the response is a Status.
  if (reason === NO_SUCH_PATH)
    return `ControlPlanes are not served: the kubeconfig is not for a management plane`;
  return reason;
}
