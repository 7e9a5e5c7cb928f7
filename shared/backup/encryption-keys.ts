/** Under which keys a control plane's values are stored, and how they come under another. */

import { formatGroupResource } from '../runtime/group-version.ts';
import { checkResource } from '../storage/dynamodb/check-resource.ts';
import type { DynamoDBStorageFactory } from '../storage/dynamodb/dynamodb-storage-factory.ts';
import { IDENTITY } from '../storage/encryption/prefix-transformer.ts';
import { isStorageError } from '../storage/errors.ts';
import type { ValueTransformer } from '../storage/storage.ts';
import { type Store, storageOf, storedResources } from './stored-resources.ts';

/** Writes every object anew that is not under the key that encrypts now, if servers run or not. Returns how many. */
export async function rewriteEncrypted(store: Store): Promise<number> {
  let rewritten = 0;
  for (const resource of await storedResources(store)) {
    const config = storageOf(resource, store);
    if (config.transformer === undefined) continue;
    const storage = store.factory.storageFor(config);
    const { items } = await storage.list({ prefix: '' });
    for (const { key } of items) {
      let before = 0;
      try {
        const { resourceVersion } = await storage.guaranteedUpdate(key, {
          tryUpdate: async (object, revision) => {
            before = revision;
            return { object: object! };
          },
        });
        if (resourceVersion !== before) rewritten++;
      } catch (error) {
        // Deleted meanwhile.
        if (!isStorageError(error, 'KeyNotFound')) throw error;
      }
    }
  }
  return rewritten;
}

/** `k8s:enc:PROVIDER:v1:KEY:`. */
const SEALED = /^k8s:enc:[a-z]+:v1:([^:]*):/;
/** Longer than any such beginning. */
const HEAD_BYTES = 512;

/**
 * How many values are under a key, by resource: every object, and every entry of the log, is looked at. What the log no
 * longer needs is removed before.
 */
export async function valuesUnderKey(
  store: Store & { readonly factory: DynamoDBStorageFactory },
  keyName: string,
): Promise<ReadonlyMap<string, number>> {
  const found = new Map<string, number>();
  for (const resource of await storedResources(store)) {
    const config = storageOf(resource, store);
    await store.factory.removeLeftovers(config);
    const { transformer = IDENTITY } = config;
    const name = formatGroupResource(resource);
    const counting: ValueTransformer = {
      toStorage: (plain, key) => transformer.toStorage(plain, key),
      fromStorage: (stored, key) => {
        const head = Buffer.from(stored.subarray(0, HEAD_BYTES)).toString('latin1');
        if (SEALED.exec(head)?.[1] === keyName) found.set(name, (found.get(name) ?? 0) + 1);
        return transformer.fromStorage(stored, key);
      },
    };
    await checkResource(store.factory.contextOf({ ...config, transformer: counting }));
  }
  return found;
}
