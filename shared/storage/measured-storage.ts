/**
 * Counts and times storage requests, under upstream's metric names for etcd
 * (https://github.com/kubernetes/apiserver/blob/master/pkg/storage/etcd3/metrics/metrics.go). Requests served from
 * memory are included.
 */

import { STORAGE_SECONDS } from '../metrics/buckets.ts';
import type { Counter, Histogram, MetricsRegistry } from '../metrics/metrics-registry.ts';
import { isStorageError } from './errors.ts';
import type { Storage, StorageFactory } from './storage.ts';
import { wrapStorage, wrapStorages } from './wrap-storages.ts';

/** Splits a storage prefix into upstream's labels. */
export type ResourceOfPrefix = (prefix: string) => { readonly group: string; readonly resource: string };

const LABELS = ['group', 'operation', 'resource'];
/** Labels of lists: the index used, and the store that answered; here there is one of each. */
const LIST_LABELS = ['group', 'index', 'resource', 'storage'];
const RETURNED_LABELS = ['group', 'resource', 'storage'];
const STORE = 'etcd';

interface Families {
  readonly seconds: Histogram;
  readonly total: Counter;
  readonly errors: Counter;
  readonly lists: Counter;
  readonly returned: Counter;
}

/** Wraps the factory so that its storages report to `registry`. */
export function measureStorage(
  factory: StorageFactory,
  registry: MetricsRegistry,
  resourceOf: ResourceOfPrefix,
): StorageFactory {
  const families: Families = {
    seconds: registry.histogram({
      name: 'etcd_request_duration_seconds',
      labels: LABELS,
      buckets: STORAGE_SECONDS,
    }),
    total: registry.counter({
      name: 'etcd_requests_total',
      labels: LABELS,
    }),
    errors: registry.counter({
      name: 'etcd_request_errors_total',
      labels: LABELS,
    }),
    lists: registry.counter({
      name: 'apiserver_storage_list_total',
      labels: LIST_LABELS,
    }),
    returned: registry.counter({
      name: 'apiserver_storage_list_returned_objects_total',
      labels: RETURNED_LABELS,
    }),
  };
  return wrapStorages(factory, (config) =>
    measured(factory.storageFor(config), families, resourceOf(config.resourcePrefix)),
  );
}

function measured<T>(
  storage: Storage<T>,
  families: Families,
  { group, resource }: ReturnType<ResourceOfPrefix>,
): Storage<T> {
  async function timed<R>(operation: string, call: () => Promise<R>): Promise<R> {
    const labels = [group, operation, resource];
    const begin = performance.now();
    try {
      return await call();
    } catch (error) {
      // Invalid requests and errors of callbacks are no failures of the store.
      if (isStorageError(error, 'Throttled', 'Timeout', 'Unreachable', 'Internal', 'CorruptObject'))
        families.errors.add(labels);
      throw error;
    } finally {
      families.seconds.observe(labels, (performance.now() - begin) / 1000);
      families.total.add(labels);
    }
  }
  return wrapStorage(storage, {
    create: (key, object, options) => timed('create', () => storage.create(key, object, options)),
    get: (key, options) => timed('get', () => storage.get(key, options)),
    delete: (key, options) => timed('delete', () => storage.delete(key, options)),
    guaranteedUpdate: (key, options) => timed('update', () => storage.guaranteedUpdate(key, options)),
    async list(options) {
      const result = await timed('list', () => storage.list(options));
      families.lists.add([group, '', resource, STORE]);
      families.returned.add([group, resource, STORE], result.items.length);
      return result;
    },
  });
}
