/** Every object of a running cluster, through its API: kubectl logs in, so that every kind of kubeconfig works. */

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { ForeignResource } from '../../shared/backup/foreign-records.ts';
import type { RuntimeObject } from '../../shared/runtime/scheme.ts';
import { appendAll } from '../../shared/util/append-all.ts';
import { parseJSON } from '../../shared/util/exact-json.ts';

export interface ClusterOptions {
  /** kubeconfig file. */
  readonly kubeconfig: string;
  readonly context?: string | undefined;
  /** kubectl's program. */
  readonly kubectl?: string | undefined;
}

interface APIResource {
  readonly name: string;
  readonly kind: string;
  readonly verbs: readonly string[];
}

interface List {
  readonly metadata: { readonly resourceVersion?: string; readonly continue?: string };
  readonly items: readonly RuntimeObject[] | null;
}

interface Definition {
  readonly spec: {
    readonly group: string;
    readonly names: { readonly plural: string };
    readonly versions: readonly {
      readonly name: string;
      readonly served: boolean;
      readonly storage: boolean;
    }[];
  };
}

export interface Cluster {
  /** Path -> what the API answers. Throws Error with the API's message. */
  get<T>(path: string): Promise<T>;
  close(): Promise<void>;
}

/** Starts `kubectl proxy` on a free port of this machine. Throws Error with what kubectl says. */
export async function connectCluster(options: ClusterOptions): Promise<Cluster> {
  const { kubeconfig, context, kubectl = 'kubectl' } = options;
  const args = [
    'proxy',
    '--port=0',
    `--kubeconfig=${kubeconfig}`,
    ...(context ? [`--context=${context}`] : []),
  ];
  const child = spawn(kubectl, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  const address = await proxyAddress(child, kubectl);
  return {
    async get<T>(path: string) {
      const answer = await fetch(`http://${address}${path}`, { headers: { accept: 'application/json' } });
      const text = await answer.text();
      if (!answer.ok) throw new Error(`GET ${path}: ${messageOf(text)}`);
      return parseJSON(text) as T;
    },
    async close() {
      if (child.exitCode !== null) return;
      const ended = once(child, 'exit');
      child.kill();
      await ended;
    },
  };
}

async function proxyAddress(child: ChildProcess, kubectl: string): Promise<string> {
  let said = '';
  child.stderr!.on('data', (chunk) => {
    said += chunk;
  });
  const failed = new Promise<never>((_, reject) => {
    child.once('error', () => reject(new Error(`can't run ${kubectl}: is it installed?`)));
    child.once('exit', () => reject(new Error(said.trim() || 'kubectl proxy ended')));
  });
  failed.catch(() => {});
  const started = (async () => {
    for await (const line of createInterface({ input: child.stdout! })) {
      const address = /^Starting to serve on (\S+)/.exec(line)?.[1];
      if (address !== undefined) return address;
    }
    return await failed;
  })();
  return await Promise.race([started, failed]);
}

function messageOf(text: string): string {
  try {
    return (JSON.parse(text) as { message?: string }).message ?? text;
  } catch {
    return text.slice(0, 500);
  }
}

const DEFINITIONS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';

/**
 * Definitions first, then all that can be listed. Each resource is read at one revision. Custom resources come in the
 * version that the cluster stores, others in the one that it prefers. `skipped`: told of what another API server
 * serves, and what may not be read.
 */
export async function* clusterResources(
  { get }: Cluster,
  skipped: (resource: string, count: number, reason: string) => void,
): AsyncGenerator<ForeignResource> {
  const definitions = await listAll(get, DEFINITIONS);
  const storedVersions = new Map(
    (definitions.objects as unknown as Definition[]).map(({ spec }) => [
      `${spec.names.plural}.${spec.group}`,
      (
        spec.versions.find(({ storage, served }) => storage && served) ??
        spec.versions.find(({ served }) => served)
      )?.name,
    ]),
  );
  yield {
    group: 'apiextensions.k8s.io',
    resource: 'customresourcedefinitions',
    isCustom: false,
    ...definitions,
    objects: definitions.objects.map((object) => ({
      ...object,
      kind: 'CustomResourceDefinition',
      apiVersion: 'apiextensions.k8s.io/v1',
    })),
  };
  const seen = new Set(['customresourcedefinitions.apiextensions.k8s.io']);
  for (const groupVersion of await servedVersions(get)) {
    const group = groupVersion.includes('/') ? groupVersion.split('/')[0]! : '';
    const root = group === '' ? `/api/${groupVersion}` : `/apis/${groupVersion}`;
    const { resources } = await get<{ resources: readonly APIResource[] }>(root);
    for (const { name, kind, verbs } of resources) {
      const full = group === '' ? name : `${name}.${group}`;
      if (name.includes('/') || !verbs.includes('list') || seen.has(full)) continue;
      const stored = storedVersions.get(full);
      if (stored !== undefined && groupVersion !== `${group}/${stored}`) continue;
      seen.add(full);
      try {
        const list = await listAll(get, `${root}/${name}`);
        const objects = list.objects.map((object) => ({ ...object, kind, apiVersion: groupVersion }));
        yield { group, resource: name, isCustom: stored !== undefined, ...list, objects };
      } catch (error) {
        skipped(full, 0, (error as Error).message);
      }
    }
  }
}

/** The preferred version of each group first. */
async function servedVersions(get: Cluster['get']): Promise<string[]> {
  const core = await get<{ versions: readonly string[] }>('/api');
  const { groups } = await get<{
    groups: readonly {
      readonly preferredVersion: { readonly groupVersion: string };
      readonly versions: readonly { readonly groupVersion: string }[];
    }[];
  }>('/apis');
  return [
    ...core.versions,
    ...groups.map(({ preferredVersion }) => preferredVersion.groupVersion),
    ...groups.flatMap(({ versions }) => versions.map(({ groupVersion }) => groupVersion)),
  ].filter((groupVersion, i, all) => all.indexOf(groupVersion) === i);
}

async function listAll(
  get: Cluster['get'],
  path: string,
): Promise<{ resourceVersion: number; objects: RuntimeObject[] }> {
  const objects: RuntimeObject[] = [];
  for (let next = ''; ; ) {
    const page = await get<List>(`${path}?limit=500${next && `&continue=${encodeURIComponent(next)}`}`);
    appendAll(objects, page.items ?? []);
    next = page.metadata.continue ?? '';
    const resourceVersion = Number(page.metadata.resourceVersion);
    // Another store's revisions may not be numbers; then there is nothing to go on from.
    if (next === '')
      return { resourceVersion: Number.isSafeInteger(resourceVersion) ? resourceVersion : 1, objects };
  }
}
