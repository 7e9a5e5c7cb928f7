/**
 * Storage writes with support for dry runs
 * (https://github.com/kubernetes/apiserver/blob/master/pkg/registry/generic/registry/dryrun.go).
 */

import type { KubeObject } from '../../meta/kube-object.ts';
import { type RESTObject, restObject } from '../../rest/rest-storage.ts';
import { isStorageError, StorageError } from '../../storage/errors.ts';
import { checkPreconditions } from '../../storage/preconditions.ts';
import type { DeleteOptions, StoredObject, UpdateOptions } from '../../storage/storage.ts';
import { breathe } from '../../util/breathe.ts';
import type { Store } from './store.ts';

async function find<T extends KubeObject>(
  store: Store<T>,
  key: string,
): Promise<StoredObject<T> | undefined> {
  try {
    return await store.storage.get(key);
  } catch (error) {
    if (isStorageError(error, 'KeyNotFound')) return undefined;
    throw error;
  }
}

/** The object as it would be after a write and a read; with `resourceVersion` 0 it keeps the client's. */
async function asStored<T extends KubeObject>(
  store: Store<T>,
  object: T,
  resourceVersion: number,
): Promise<RESTObject<T>> {
  const { codec } = store;
  const bytes =
    (await codec.encodeInPieces?.(object, resourceVersion)) ?? codec.encode(object, resourceVersion);
  await breathe();
  const decoded = (await codec.decodeInPieces?.(bytes)) ?? codec.decode(bytes);
  const copy = (await store.storage.asRead?.(decoded)) ?? decoded;
  if (resourceVersion === 0) {
    const given = object.metadata.resourceVersion;
    if (given) copy.metadata.resourceVersion = given;
    else delete copy.metadata.resourceVersion;
  }
  return restObject(store.decorated(copy));
}

export async function createInStorage<T extends KubeObject>(
  store: Store<T>,
  key: string,
  { object, ttlSeconds, dryRun }: { object: T; ttlSeconds: number | undefined; dryRun: boolean },
): Promise<RESTObject<T>> {
  await breathe();
  if (!dryRun) return store.restObject(await store.storage.create(key, object, { ttlSeconds }));
  if ((await find(store, key)) !== undefined) throw new StorageError('KeyExists', '', { key });
  return asStored(store, object, 0);
}

export async function updateInStorage<T extends KubeObject>(
  store: Store<T>,
  key: string,
  { dryRun, ...options }: UpdateOptions<T> & { dryRun: boolean },
): Promise<RESTObject<T>> {
  await breathe();
  if (!dryRun) return store.restObject(await store.storage.guaranteedUpdate(key, options));
  const current = options.ignoreNotFound ? await find(store, key) : await store.storage.get(key);
  const revision = current?.resourceVersion ?? 0;
  checkPreconditions(key, options.preconditions, { state: current, resourceVersion: revision });
  if (current !== undefined) options.beforeDecode?.(current);
  const { object } = await options.tryUpdate(await current?.objectInPieces(), revision);
  return asStored(store, object, revision);
}

export async function deleteInStorage<T extends KubeObject>(
  store: Store<T>,
  key: string,
  {
    dryRun,
    ...options
  }: DeleteOptions<T> & {
    dryRun: boolean;
  },
): Promise<T> {
  await breathe();
  if (!dryRun) {
    const deleted = await store.storage.delete(key, options);
    await breathe();
    return deleted.objectInPieces();
  }
  const current = await store.storage.get(key);
  const object = await current.objectInPieces();
  const { resourceVersion } = current;
  checkPreconditions(key, options.preconditions, { state: { object: () => object }, resourceVersion });
  await options.validateDeletion?.(object);
  return object;
}
