/** The table's stream as the changes that controllers want to hear of. */

import type { DynamoDBStreamEvent } from 'aws-lambda';
import type { Change } from '../../shared/controllers/controller.ts';
import { resourceOfPrefix } from '../../shared/controllers/observed-storage.ts';
import type { KubeObject } from '../../shared/meta/kube-object.ts';
import { type ResourceAccess, UnknownResourceError } from '../../shared/rest/resource-access.ts';
import type { GroupResource } from '../../shared/runtime/group-version.ts';

/** An object that was written, once however often. */
export interface WrittenKey {
  readonly resource: GroupResource;
  readonly namespace: string;
  readonly name: string;
}

const LOG_SUFFIX = '#log';

/** Reads log entries; what else stands in the stream is nobody's business. */
export function writtenKeys(event: DynamoDBStreamEvent): WrittenKey[] {
  const keys = new Map<string, WrittenKey>();
  for (const { dynamodb } of event.Records) {
    const prefix = dynamodb?.NewImage?.['pk']?.S;
    const key = dynamodb?.NewImage?.['k']?.S;
    if (!prefix?.endsWith(LOG_SUFFIX) || !key) continue;
    const resource = resourceOfPrefix(prefix.slice(0, -LOG_SUFFIX.length));
    const slash = key.indexOf('/');
    keys.set(`${prefix}/${key}`, {
      resource,
      namespace: slash < 0 ? '' : key.slice(0, slash),
      name: key.slice(slash + 1),
    });
  }
  return [...keys.values()];
}

/** A custom resource may be gone with its definition. */
async function find(
  resources: ResourceAccess,
  { resource, namespace, name }: WrittenKey,
): Promise<KubeObject | undefined> {
  try {
    return await resources.lister<KubeObject>(resource).get(namespace, name, 0);
  } catch (error) {
    if (error instanceof UnknownResourceError) return undefined;
    throw error;
  }
}

/** What stands there now: a stream tells late, and controllers go by the present. */
export async function changeOfKey(resources: ResourceAccess, written: WrittenKey): Promise<Change> {
  const { namespace, name } = written;
  const object = await find(resources, written);
  if (object !== undefined) return { type: 'MODIFIED', ...written, object: () => object };
  const gone: KubeObject = { metadata: { name, ...(namespace !== '' && { namespace }) } };
  return { type: 'DELETED', ...written, object: () => gone };
}
