/** Items of answers as objects, few at a time: an object takes many times the memory of its bytes. */

import type { KubeObject } from '../../meta/kube-object.ts';
import { objectOf, type RESTObject } from '../../rest/rest-storage.ts';
import { READ_AT_ONCE } from '../../util/breathe.ts';

/** So many are converted in one go: conversions may be of many at once. */
const MOST = 8;

/** Bytes that the object is stored in; 0: it isn't. */
export const sizeOf = ({ bytes, storedBytes }: RESTObject): number => storedBytes ?? bytes?.length ?? 0;

export async function objectsOf(items: readonly RESTObject[]): Promise<KubeObject[]> {
  const objects: KubeObject[] = [];
  for (const item of items) objects.push(await objectOf(item));
  return objects;
}

/** Whether no more should be objects at the same time. */
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
