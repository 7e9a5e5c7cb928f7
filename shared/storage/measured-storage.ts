/**
 * Counts and times storage requests, under upstream's metric names for etcd
 * (https://github.com/kubernetes/apiserver/blob/master/pkg/storage/etcd3/metrics/metrics.go). Requests served from
 * memory are included.
 */

import { STORAGE_SECONDS } from '../metrics/buckets.ts';
import type { Counter, Histogram, MetricsRegistry } from '../metrics/metrics-registry.ts';
import { isStorageError } from './errors.ts';
import type { Storage, StorageFactory } from './storage.ts';
import { DelegatingStorage, wrapStorages } from './wrap-storages.ts';

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
  return wrapStorages(
    factory,
    (config) => new MeasuredStorage(factory.storageFor(config), families, resourceOf(config.resourcePrefix)),
  );
}

class MeasuredStorage<T> extends DelegatingStorage<T> {
  readonly #families: Families;
  readonly #resource: ReturnType<ResourceOfPrefix>;

  constructor(inner: Storage<T>, families: Families, resource: ReturnType<ResourceOfPrefix>) {
    super(inner);
    this.#families = families;
    this.#resource = resource;
  }

  override create(...args: Parameters<Storage<T>['create']>): ReturnType<Storage<T>['create']> {
    return this.#timed('create', () => this.inner.create(...args));
  }

  override get(...args: Parameters<Storage<T>['get']>): ReturnType<Storage<T>['get']> {
    return this.#timed('get', () => this.inner.get(...args));
  }

  override delete(...args: Parameters<Storage<T>['delete']>): ReturnType<Storage<T>['delete']> {
    return this.#timed('delete', () => this.inner.delete(...args));
  }

  override guaranteedUpdate(
    ...args: Parameters<Storage<T>['guaranteedUpdate']>
  ): ReturnType<Storage<T>['guaranteedUpdate']> {
    return this.#timed('update', () => this.inner.guaranteedUpdate(...args));
  }

  override async list(options: Parameters<Storage<T>['list']>[0]): ReturnType<Storage<T>['list']> {
    const result = await this.#timed('list', () => this.inner.list(options));
    const { group, resource } = this.#resource;
    this.#families.lists.add([group, '', resource, STORE]);
    this.#families.returned.add([group, resource, STORE], result.items.length);
    return result;
  }

  async #timed<R>(operation: string, call: () => Promise<R>): Promise<R> {
    const labels = [this.#resource.group, operation, this.#resource.resource];
    const begin = performance.now();
    try {
      return await call();
    } catch (error) {
      // Invalid requests and errors of callbacks are no failures of the store.
      if (isStorageError(error, 'Throttled', 'Timeout', 'Unreachable', 'Internal', 'CorruptObject'))
        this.#families.errors.add(labels);
      throw error;
    } finally {
      this.#families.seconds.observe(labels, (performance.now() - begin) / 1000);
      this.#families.total.add(labels);
    }
  }
}
