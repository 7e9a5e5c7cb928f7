/** Decodes the items of an answer in small batches, because an object takes many times the memory of its bytes. */

import type { KubeObject } from '../../meta/kube-object.ts';
import { objectOf, type RESTObject, sizeOf } from '../../rest/rest-storage.ts';
import { READ_AT_ONCE } from '../../util/breathe.ts';

/** Maximum batch size. Batches allow webhook conversions to convert several objects per call. */
const MOST = 8;

export async function objectsOf(items: readonly RESTObject[]): Promise<KubeObject[]> {
  const objects: KubeObject[] = [];
  for (const item of items) objects.push(await objectOf(item));
  return objects;
}

/** Whether the batch has reached its limit of items or bytes. */
export function isFullBatch(items: readonly RESTObject[]): boolean {
  return items.length >= MOST || items.reduce((sum, item) => sum + sizeOf(item), 0) >= READ_AT_ONCE;
}

export function* batchesOf(items: readonly RESTObject[]): Generator<readonly RESTObject[]> {
  let batch: RESTObject[] = [];
  for (const item of items) {
    batch.push(item);
    if (!isFullBatch(batch)) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}
