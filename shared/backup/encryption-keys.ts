/** The encryption keys of a control plane's stored values, and re-encryption. */

import { formatGroupResource } from '../runtime/group-version.ts';
import { checkResource } from '../storage/dynamodb/check-resource.ts';
import type { DynamoDBStorageFactory } from '../storage/dynamodb/dynamodb-storage-factory.ts';
import { IDENTITY } from '../storage/encryption/prefix-transformer.ts';
import { isStorageError } from '../storage/errors.ts';
import type { ValueTransformer } from '../storage/storage.ts';
import { type Store, storageOf, storedResources } from './stored-resources.ts';

/**
 * Rewrites every object that is not encrypted with the current key, while servers may run. Returns the number of
 * rewritten objects.
 */
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
/** Longer than any such prefix. */
const HEAD_BYTES = 512;

/**
 * Number of values encrypted with a key, by resource: checks every object, and every entry of the log, after removing
 * expired entries.
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
