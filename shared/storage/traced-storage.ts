/**
 * Traces storage calls: a log line for each, like kine's, with the object and the cost, and a span if the request is
 * traced.
 */

import type { LogFields, Logger } from '../util/logger.ts';
import { VERBOSITY } from '../util/logger.ts';
import { reasonOf } from '../util/reason-of.ts';
import { currentSpan, inSpan, type Span } from '../util/spans.ts';
import type { Storage, StorageFactory } from './storage.ts';
import type { TableUsageCounter } from './table-usage.ts';
import { wrapStorage, wrapStorages } from './wrap-storages.ts';

/**
 * Wraps the factory so that its storages report each call to `logger` and the current span. `usage`: unset if calls to
 * the table aren't counted.
 */
export function traceStorage(
  factory: StorageFactory,
  logger: Logger,
  usage: TableUsageCounter | undefined,
): StorageFactory {
  return wrapStorages(factory, (config) => traced(factory.storageFor(config), logger, usage));
}

function traced<T>(storage: Storage<T>, logger: Logger, usage: TableUsageCounter | undefined): Storage<T> {
  const { resourcePrefix } = storage;
  /** `tell`: returns the log fields of the result. */
  async function trace<R>(
    verb: string,
    asked: LogFields,
    call: () => Promise<R>,
    fieldsOf: (result: R) => LogFields = () => ({}),
  ): Promise<R> {
    const startedAt = Date.now();
    const begin = performance.now();
    const name = `${verb} storage`;
    const about = () => ({ resource: resourcePrefix, ...asked });
    async function logged(span: Span | undefined): Promise<R> {
      const { result, usage: spent } = usage?.during(call) ?? { result: call(), usage: undefined };
      let outcome: LogFields = {};
      try {
        const value = await result;
        outcome = fieldsOf(value);
        return value;
      } catch (error) {
        outcome = { err: String(reasonOf(error)) };
        throw error;
      } finally {
        const milliseconds = Math.round((performance.now() - begin) * 100) / 100;
        const cost = spent && {
          calls: spent.calls,
          readUnits: spent.readUnits,
          writeUnits: spent.writeUnits,
        };
        span?.set({ ...outcome, ...cost });
        if (isSnapshot && spent !== undefined && spent.calls > 0) {
          currentSpan()
            ?.child(name, { ...about(), ...outcome, ...cost }, startedAt)
            .end();
        }
        logger.info(isSnapshot ? VERBOSITY.snapshots : VERBOSITY.storage, 'storage', {
          ...{ verb, resource: resourcePrefix, ...asked, ...outcome, milliseconds },
          ...cost,
        });
      }
    }
    // Snapshots are read from memory all the time: only those that call the table get a span.
    const isSnapshot = verb === 'snapshot';
    return isSnapshot ? logged(undefined) : inSpan(name, about, logged);
  }
  const revision = ({ resourceVersion }: { readonly resourceVersion: number }): LogFields => ({
    resourceVersion,
  });
  return wrapStorage(storage, {
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
    // Undefined, so that every read goes through a traced `snapshot`.
    cachedSnapshot: () => undefined,
    replacedAt: (revisionOfWrite) =>
      trace('replacedAt', { revision: revisionOfWrite }, () => storage.replacedAt(revisionOfWrite)),
    count: () => trace('count', {}, () => storage.count()),
  });
}
