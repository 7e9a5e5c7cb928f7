/** `zeroplane fsck`: checks the consistency of a control plane's stored data. */

import { storageOf, storedResources } from '../../shared/backup/stored-resources.ts';
import { formatGroupResource } from '../../shared/runtime/group-version.ts';
import { checkResource } from '../../shared/storage/dynamodb/check-resource.ts';
import type { Finding } from '../../shared/storage/dynamodb/finding.ts';
import { repairResource } from '../../shared/storage/dynamodb/repair-resource.ts';
import { openTenantStore, type TenantStoreOptions } from './tenant-store.ts';

export interface FsckOptions extends TenantStoreOptions {
  /** Repairs findings where the table proves the correct state. */
  readonly repair?: boolean | undefined;
}

/** Operations over all written resources would skip it. */
const UNLISTED: Finding = {
  message: 'it is missing from the list of written resources',
  repair: { kind: 'list' },
};

/** Prints each finding. Resolves with whether there are none, or all were repaired. */
export async function fsck(options: FsckOptions): Promise<boolean> {
  const store = await openTenantStore(options, { isExclusive: options.repair });
  const counts = { objects: 0, entries: 0, findings: 0, repaired: 0 };
  try {
    const written = await store.factory.written();
    for (const resource of await storedResources(store)) {
      const config = storageOf(resource, store);
      const context = store.factory.contextOf(config);
      const forward = (revision: number) => store.factory.fastForward(config, revision);
      const { objects, entries, findings: found } = await checkResource(context);
      const isListed = written === undefined || objects + entries === 0 || written.has(resource.prefix);
      const findings: readonly Readonly<Finding>[] = isListed ? found : [...found, UNLISTED];
      counts.objects += objects;
      counts.entries += entries;
      for (const { message, repair } of findings) {
        counts.findings++;
        let outcome = repair === undefined ? " (can't be repaired from the stored data)" : '';
        if (options.repair && repair !== undefined) {
          await repairResource({ context, forward }, repair);
          counts.repaired++;
          outcome = ' (put right)';
        }
        console.log(`${formatGroupResource(resource)}: ${message}${outcome}`);
      }
    }
  } finally {
    await store.close();
  }
  const { objects, entries, findings, repaired } = counts;
  const found = findings === 1 ? '1 finding' : `${findings} findings`;
  const summary = options.repair ? `${found}, ${repaired} repaired` : found;
  console.error(`${objects} objects and ${entries} log entries: ${summary}`);
  return findings === repaired;
}
