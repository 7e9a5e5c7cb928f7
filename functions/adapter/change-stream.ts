/** Converts the table's stream to the changes that controllers observe. */

import type { DynamoDBStreamEvent } from 'aws-lambda';
import type { Change } from '../../shared/controllers/controller.ts';
import { resourceOfPrefix } from '../../shared/controllers/observed-storage.ts';
import type { KubeObject } from '../../shared/meta/kube-object.ts';
import { type ResourceAccess, UnknownResourceError } from '../../shared/rest/resource-access.ts';
import type { GroupResource } from '../../shared/runtime/group-version.ts';
import { decodeRevision } from '../../shared/storage/dynamodb/layout.ts';
import { ENTRY_TYPES } from '../../shared/storage/dynamodb/revision-log.ts';

/** An object that was written, once or several times. */
export interface WrittenKey {
  readonly resource: GroupResource;
  readonly namespace: string;
  readonly name: string;
  /** Revisions at which it was deleted. */
  readonly deletedAt: readonly number[];
  /** Whether the last write was a deletion. */
  readonly isGone: boolean;
}

const LOG_SUFFIX = '#log';

/** Separates a tenant's id from its keys in a shared table. */
const TENANT_SEPARATOR = '#';

const QUIET: ReadonlySet<string> = new Set(['leases.coordination.k8s.io', 'events.', 'events.events.k8s.io']);

/** Whether changes of the resource are ignored: Leases and Events are numerous, and only time affects them. */
export function isQuiet({ resource, group }: GroupResource): boolean {
  return QUIET.has(`${resource}.${group}`);
}

/** The records of a shared table by tenant id, with keys as the tenant knows them. */
export function recordsOfTenants({ Records }: DynamoDBStreamEvent): Map<string, DynamoDBStreamEvent> {
  const byTenant = new Map<string, DynamoDBStreamEvent>();
  for (const record of Records) {
    const image = record.dynamodb?.NewImage;
    const pk = image?.['pk']?.S ?? '';
    const at = pk.indexOf(TENANT_SEPARATOR);
    if (at <= 0) continue;
    const id = pk.slice(0, at);
    const own = { ...image, pk: { S: pk.slice(at + 1) } };
    let event = byTenant.get(id);
    if (event === undefined) {
      event = { Records: [] };
      byTenant.set(id, event);
    }
    event.Records.push({ ...record, dynamodb: { ...record.dynamodb, NewImage: own } });
  }
  return byTenant;
}

/** The objects in log entries, in order; other items in the stream are ignored. */
export function writtenKeys(event: DynamoDBStreamEvent): WrittenKey[] {
  const keys = new Map<string, WrittenKey>();
  for (const { dynamodb } of event.Records) {
    const { pk, sk, k, y } = dynamodb?.NewImage ?? {};
    const prefix = pk?.S;
    const key = k?.S;
    if (!prefix?.endsWith(LOG_SUFFIX) || !key) continue;
    const resource = resourceOfPrefix(prefix.slice(0, -LOG_SUFFIX.length));
    if (resource === undefined) continue;
    const slash = key.indexOf('/');
    const isGone = y?.S === ENTRY_TYPES.delete;
    const before = keys.get(`${prefix}/${key}`)?.deletedAt ?? [];
    keys.set(`${prefix}/${key}`, {
      resource,
      namespace: slash < 0 ? '' : key.slice(0, slash),
      name: key.slice(slash + 1),
      deletedAt: isGone ? [...before, decodeRevision(sk?.S ?? '')] : before,
      isGone,
    });
  }
  return [...keys.values()];
}

/** The logs that have grown, by their resources' prefixes, with their newest revisions. */
export function grownLogs({ Records }: DynamoDBStreamEvent): ReadonlyMap<string, number> {
  const grown = new Map<string, number>();
  for (const { dynamodb } of Records) {
    const { pk, sk, k } = dynamodb?.NewImage ?? {};
    const log = pk?.S ?? '';
    if (!log.endsWith(LOG_SUFFIX) || !k?.S) continue;
    const prefix = log.slice(0, -LOG_SUFFIX.length);
    grown.set(prefix, Math.max(grown.get(prefix) ?? 0, decodeRevision(sk?.S ?? '')));
  }
  return grown;
}

/** A custom resource may be gone with its definition. */
async function unlessUnknown<T>(read: () => Promise<T>): Promise<T | undefined> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof UnknownResourceError) return undefined;
    throw error;
  }
}

/**
 * The deleted objects, and the current one: the stream is delayed, and controllers use the current state. If the log no
 * longer has a deleted object, only its name is known.
 */
export async function changesOfKey(resources: ResourceAccess, written: WrittenKey): Promise<Change[]> {
  const { resource, namespace, name, deletedAt, isGone } = written;
  const lister = resources.lister<KubeObject>(resource);
  const nameOnly: KubeObject = { metadata: { name, ...(namespace !== '' && { namespace }) } };
  const change = (type: Change['type'], object: KubeObject): Change => ({
    type,
    resource,
    namespace,
    name,
    object: () => object,
  });
  const deleted = await Promise.all(
    deletedAt.map((revision) => unlessUnknown(() => lister.replacedAt(revision))),
  );
  const ends = deleted.map((object) => change('DELETED', object ?? nameOnly));
  if (isGone) return ends;
  const object = await unlessUnknown(() => lister.get(namespace, name, 0));
  // Deleted since: that log entry follows in the stream, unless it has been dropped.
  return [...ends, object === undefined ? change('DELETED', nameOnly) : change('MODIFIED', object)];
}
