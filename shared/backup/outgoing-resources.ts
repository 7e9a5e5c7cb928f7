/** Converts a control plane's objects for other clusters: the reverse of `foreignRecords`. */

import type { UnstructuredObject } from '../meta/kube-object.ts';
import { NODE_PORTS_PREFIX } from '../registry/core/service/port-allocator.ts';
import { formatGroupResource } from '../runtime/group-version.ts';
import type { BackupRecord } from './backup-records.ts';
import { leftObject, leftResource, type Named } from './left-behind.ts';
import type { Skipped } from './reason-counts.ts';
import type { StoredResource } from './stored-resources.ts';

/** A resource with all its transferable objects, in their storage version. */
export interface OutgoingResource extends StoredResource {
  readonly objects: readonly UnstructuredObject[];
}

/**
 * In the order of the records, which is dependency order for those of `createBackup`. Calls `skipped` for everything
 * left out.
 */
export async function* outgoingResources(
  records: AsyncIterable<BackupRecord>,
  skipped: Skipped,
): AsyncGenerator<OutgoingResource> {
  let current: (StoredResource & { objects: UnstructuredObject[] }) | undefined;
  for await (const record of records) {
    if ('backup' in record) continue;
    if ('key' in record) {
      current!.objects.push(record.object);
      continue;
    }
    if (current !== undefined) yield* taken(current, skipped);
    const { prefix, group, resource } = record;
    current = { prefix, group, resource, objects: [] };
  }
  if (current !== undefined) yield* taken(current, skipped);
}

function* taken(resource: OutgoingResource, skipped: Skipped): Generator<OutgoingResource> {
  // Internal allocations of this server, which are made again with the services.
  if (resource.prefix === NODE_PORTS_PREFIX) return;
  const name = formatGroupResource(resource);
  const ofResource = leftResource(name);
  const objects = resource.objects.filter((object) => {
    const reason = ofResource ?? leftObject(name, object as unknown as Named);
    if (reason !== undefined) skipped(name, 1, reason);
    return reason === undefined;
  });
  if (objects.length > 0) yield { ...resource, objects };
}
