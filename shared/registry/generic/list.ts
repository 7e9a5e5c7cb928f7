import type { KubeObject } from '../../meta/kube-object.ts';
import { isDNS1123Label } from '../../meta/validation/names.ts';
import type { RequestContext } from '../../request/request-context.ts';
import type { RESTList, RESTListOptions, RESTObject } from '../../rest/rest-storage.ts';
import { translateStorageErrors } from '../../rest/storage-errors.ts';
import type { SelectionPredicate } from '../../storage/selection-predicate.ts';
import { breathe, shouldYield } from '../../util/breathe.ts';
import { claimConverted } from './claim-room.ts';
import { selectionPredicate } from './predicate.ts';
import type { Store } from './store.ts';

/** The part of a store that a list or watch reads: a key prefix and a predicate. */
export interface Selection {
  readonly prefix: string;
  readonly predicate?: SelectionPredicate | undefined;
}

/** A field selector may restrict a request across all namespaces to one. */
export function selectionFor<T extends KubeObject>(
  store: Store<T>,
  context: RequestContext,
  { labelSelector, fieldSelector, shard }: RESTListOptions,
): Selection {
  const predicate = selectionPredicate(labelSelector, fieldSelector, shard);
  if (!store.strategy.namespaced) return { prefix: '', predicate };
  let { namespace } = context.requestInfo;
  const selected = predicate?.metadataNamespace;
  if (namespace === '' && selected !== undefined && isDNS1123Label(selected).length === 0) {
    namespace = selected;
  }
  return { prefix: namespace === '' ? '' : `${namespace}/`, predicate };
}

/**
 * Whether the selection matches at most one object by name. Upstream reads such an object with a get, which ignores
 * limits.
 */
const isOfOne = <T extends KubeObject>({ strategy }: Store<T>, { prefix, predicate }: Selection): boolean =>
  predicate?.metadataName !== undefined && (!strategy.namespaced || prefix !== '');

/**
 * Upstream's watch cache ignores limits for lists of any state (`computeListLimit`, storage/cacher/cacher.go).
 * Resources that expire have no watch cache.
 */
function limitOf<T extends KubeObject>(
  store: Store<T>,
  options: RESTListOptions,
  selection: Selection,
): number | undefined {
  if (isOfOne(store, selection)) return undefined;
  const isCached = store.strategy.ttlSeconds === undefined;
  return isCached && options.resourceVersion === '0' ? undefined : options.limit;
}

export async function listObjects<T extends KubeObject>(
  store: Store<T>,
  context: RequestContext,
  options: RESTListOptions,
): Promise<RESTList> {
  const selection = selectionFor(store, context, options);
  const result = await translateStorageErrors(store.operation('list', ''), () =>
    store.storage.list({
      ...selection,
      resourceVersion: options.resourceVersion,
      resourceVersionMatch: options.resourceVersionMatch,
      limit: limitOf(store, options, selection),
      continue: options.continue,
      beforeConversion: (items) => claimConverted(context, items, selection.predicate !== undefined),
    }),
  );
  const items: RESTObject[] = [];
  for (const item of result.items) {
    items.push(store.restObject(item));
    if (shouldYield()) await breathe();
  }
  return {
    items,
    resourceVersion: String(result.resourceVersion),
    continue: result.continue,
    remainingItemCount: result.remainingItemCount,
    shard: options.shard?.text,
  };
}
