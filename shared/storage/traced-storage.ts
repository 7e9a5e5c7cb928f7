/** A line of the log for each call of a storage, as kine has: what was asked of which object, and what it cost. */

import type { LogFields, Logger } from '../util/logger.ts';
import { VERBOSITY } from '../util/logger.ts';
import { reasonOf } from '../util/reason-of.ts';
import type { Storage, StorageFactory } from './storage.ts';
import type { TableUsageCounter } from './table-usage.ts';
import { wrapStorages } from './wrap-storages.ts';

/** The factory, whose storages tell `logger` of each call. `usage`: unset where nobody counts what the table is asked. */
export function traceStorage(
  factory: StorageFactory,
  logger: Logger,
  usage: TableUsageCounter | undefined,
): StorageFactory {
  return wrapStorages(factory, (config) => traced(factory.storageFor(config), logger, usage));
}

function traced<T>(storage: Storage<T>, logger: Logger, usage: TableUsageCounter | undefined): Storage<T> {
  const { resourcePrefix } = storage;
  /** `tell`: what is to be said of the result. */
  async function trace<R>(
    verb: string,
    asked: LogFields,
    call: () => Promise<R>,
    tell: (result: R) => LogFields = () => ({}),
  ): Promise<R> {
    const begin = performance.now();
    const { result, usage: spent } = usage?.during(call) ?? { result: call(), usage: undefined };
    let outcome: LogFields = {};
    try {
      const value = await result;
      outcome = tell(value);
      return value;
    } catch (error) {
      outcome = { err: String(reasonOf(error)) };
      throw error;
    } finally {
      const milliseconds = Math.round((performance.now() - begin) * 100) / 100;
      const cost = spent && { calls: spent.calls, readUnits: spent.readUnits, writeUnits: spent.writeUnits };
      logger.info(verb === 'snapshot' ? VERBOSITY.snapshots : VERBOSITY.storage, 'storage', {
        ...{ verb, resource: resourcePrefix, ...asked, ...outcome, milliseconds },
        ...cost,
      });
    }
  }
  const revision = ({ resourceVersion }: { readonly resourceVersion: number }): LogFields => ({
    resourceVersion,
  });
  return {
    resourcePrefix,
    create: (key, object, options) =>
      trace('create', { key }, () => storage.create(key, object, options), revision),
    get: (key, options) => trace('get', { key }, () => storage.get(key, options), revision),
    delete: (key, options) => trace('delete', { key }, () => storage.delete(key, options), revision),
    guaranteedUpdate: (key, options) =>
      trace('update', { key }, () => storage.guaranteedUpdate(key, options), revision),
    list: (options) =>
      trace(
        'list',
        { prefix: options.prefix, limit: options.limit ?? 0 },
        () => storage.list(options),
        (result) => ({ ...revision(result), items: result.items.length }),
      ),
    watch: (options) =>
      trace('watch', { prefix: options.prefix, from: options.resourceVersion ?? '' }, () =>
        storage.watch(options),
      ),
    snapshot: (maxStalenessMs) =>
      trace(
        'snapshot',
        { maxStalenessMs },
        () => storage.snapshot(maxStalenessMs),
        (result) => ({ ...revision(result), items: result.items.length }),
      ),
    replacedAt: (revisionOfWrite) =>
      trace('replacedAt', { revision: revisionOfWrite }, () => storage.replacedAt(revisionOfWrite)),
    count: () => trace('count', {}, () => storage.count()),
  };
}
