import type { KubeObject } from '../../meta/kube-object.ts';
import type { RequestContext } from '../../request/request-context.ts';
import type { RESTListOptions, RESTWatch, RESTWatchEvent } from '../../rest/rest-storage.ts';
import { interpretStorageError } from '../../rest/storage-errors.ts';
import { StorageError } from '../../storage/errors.ts';
import type { Watch, WatchEvent } from '../../storage/storage.ts';
import { mapIteration } from '../../util/map-iteration.ts';
import { selectionFor } from './list.ts';
import type { Store } from './store.ts';

export async function watchObjects<T extends KubeObject>(
  store: Store<T>,
  context: RequestContext,
  options: RESTListOptions,
): Promise<RESTWatch> {
  const operation = store.operation('watch', '');
  let watch: Watch<T>;
  try {
    watch = await store.storage.watch({
      ...selectionFor(store, context, options),
      resourceVersion: options.resourceVersion,
      resourceVersionMatch: options.resourceVersionMatch,
      sendInitialEvents: options.sendInitialEvents,
      allowBookmarks: options.allowWatchBookmarks,
      signal: context.signal,
    });
  } catch (error) {
    const statusError = interpretStorageError(error, operation);
    const isOfStart = error instanceof StorageError && ERRORS_OF_START.has(error.code);
    if (isOfStart) return failedWatch(statusError);
    throw statusError;
  }
  const recover = (error: unknown): never => {
    throw interpretStorageError(error, operation);
  };
  return {
    stop: () => watch.stop(),
    [Symbol.asyncIterator]: () => mapIteration(watch, (event) => restEvent(store, event), { recover }),
  };
}

/** Errors about the start revision are sent as the first event (upstream's `newErrWatcher`, storage/cacher). */
const ERRORS_OF_START: ReadonlySet<string> = new Set(['Expired', 'TooLargeResourceVersion']);

function failedWatch(error: unknown): RESTWatch {
  return {
    stop() {},
    [Symbol.asyncIterator]: () => ({ next: () => Promise.reject(error) }),
  };
}

function restEvent<T extends KubeObject>(store: Store<T>, event: WatchEvent<T>): RESTWatchEvent {
  if (event.type !== 'BOOKMARK') return { type: event.type, item: store.restObject(event.item) };
  return { ...event, resourceVersion: String(event.resourceVersion) };
}
