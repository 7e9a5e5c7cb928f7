/** `zeroplane export`: a control plane's objects into a cluster, or into files; the reverse of `zeroplane import`. */

import type { BackupRecord } from '../../../shared/backup/backup-records.ts';
import { createBackup } from '../../../shared/backup/create-backup.ts';
import { outgoingResources } from '../../../shared/backup/outgoing-resources.ts';
import { ReasonCounts } from '../../../shared/backup/reason-counts.ts';
import { hasResource, type Scope, ScopeCheck } from '../../../shared/backup/scope.ts';
import { storedResources } from '../../../shared/backup/stored-resources.ts';
import { formatGroupResource } from '../../../shared/runtime/group-version.ts';
import { newScheme } from '../../../shared/server/builtin-scheme.ts';
import { type ClusterOptions, connectCluster } from '../cluster.ts';
import { openTenantStore, type TenantStore, type TenantStoreOptions } from '../tenant-store.ts';
import { ClusterTarget } from './cluster-target.ts';
import type { ExportReport, ExportTarget } from './export-target.ts';
import { newFileTarget } from './file-target.ts';

export interface ExportOptions extends TenantStoreOptions, ClusterOptions {
  /** Folder to write files to, in place of a cluster. */
  readonly output?: string | undefined;
  readonly format: string;
  readonly keepUids?: boolean | undefined;
  readonly resource?: readonly string[] | undefined;
  readonly namespace?: readonly string[] | undefined;
}

/** Prints the exported, skipped and changed objects, with reasons. */
export async function exportControlPlane(options: ExportOptions): Promise<void> {
  const { kubeconfig, output, keepUids = false, format } = options;
  if ((kubeconfig === undefined) === (output === undefined)) {
    throw new Error('name one target: --kubeconfig or --output');
  }
  if (output === undefined && keepUids)
    throw new Error('--keep-uids is for files: a cluster assigns its own uids');
  const left = new ReasonCounts();
  const changed = new ReasonCounts();
  const report: ExportReport = { skipped: left.add, changed: changed.add };
  const store = await openTenantStore(options);
  try {
    const scope = await scopeOf(options, store);
    const into = async (target: ExportTarget) => {
      const check = new ScopeCheck({ namespaces: scope.namespaces });
      const records = seenBy(
        check,
        createBackup(store, { source: options.tenant, scope, events: true, now: Date.now() }),
      );
      for await (const resource of outgoingResources(records, left.add)) await target.take(resource);
      console.error(await target.finish());
      const missing = check.missing();
      if (missing.length > 0) throw new Error(`the control plane has nothing of ${missing.join(', ')}`);
    };
    if (output === undefined) await withCluster(options, report, into);
    else await into(newFileTarget({ folder: output, format, keepUids }, report));
  } finally {
    await store.close();
  }
  for (const text of [left.text('left behind'), changed.text('changed')]) {
    if (text !== undefined) console.error(text);
  }
}

async function* seenBy(
  check: ScopeCheck,
  records: AsyncIterable<BackupRecord>,
): AsyncGenerator<BackupRecord> {
  for await (const record of records) {
    check.see(record);
    yield record;
  }
}

async function withCluster(
  options: ClusterOptions,
  report: ExportReport,
  use: (target: ExportTarget) => Promise<void>,
): Promise<void> {
  const cluster = await connectCluster(options);
  try {
    await use(await ClusterTarget.open(cluster, newScheme(), report));
  } finally {
    await cluster.close();
  }
}

/** Throws Error for a resource that the control plane can't have stored. */
async function scopeOf({ resource, namespace }: ExportOptions, store: TenantStore): Promise<Scope> {
  const scope = { resources: resource, namespaces: namespace };
  const known = (await storedResources(store)).filter((one) => hasResource(scope, one));
  const unknown = (resource ?? []).filter((name) => !known.some((one) => formatGroupResource(one) === name));
  if (unknown.length > 0) {
    throw new Error(
      `the control plane has no ${unknown.join(', ')}: resources are named like deployments.apps`,
    );
  }
  return scope;
}
