import type { KubeObject } from '../../meta/kube-object.ts';
import { isNotFound } from '../../meta/status-error.ts';
import type { RequestContext } from '../../request/request-context.ts';
import {
  objectOf,
  type RESTDeleteOptions,
  type RESTList,
  type RESTListOptions,
  type RESTObject,
  sizeOf,
  type ValidateObject,
} from '../../rest/rest-storage.ts';
import { appendAll } from '../../util/append-all.ts';
import { READ_AT_ONCE } from '../../util/breathe.ts';
import { highest } from '../../util/extremes.ts';
import { forEachConcurrent } from '../../util/for-each-concurrent.ts';
import { Places } from '../../util/places.ts';
import { claimDeletion } from './claim-room.ts';
import { listObjects } from './list.ts';
import type { Store } from './store.ts';

const PAGE_SIZE = 10_000;

export interface CollectionDeletion {
  readonly validate: ValidateObject;
  readonly options: RESTDeleteOptions;
  readonly listOptions: RESTListOptions;
}

/**
 * Deletes the selected objects page by page and returns them as they were. Not atomic: stops at the first error. A
 * limit in the options bounds the number of deletions. Throws BadRequest for a request across all namespaces, before it
 * deletes anything.
 */
export async function deleteCollection<T extends KubeObject>(
  store: Store<T>,
  context: RequestContext,
  { validate, options, listOptions }: CollectionDeletion,
): Promise<RESTList> {
  store.checkNamespace(context);
  const limited = (listOptions.limit ?? 0) > 0;
  let page = await listObjects(store, context, limited ? listOptions : { ...listOptions, limit: PAGE_SIZE });
  const first = page;
  const items: RESTObject[] = [];
  for (;;) {
    appendAll(items, page.items);
    await deleteItems(store, context, { items: page.items, validate, options });
    if (limited || !page.continue) break;
    page = await listObjects(store, context, {
      ...listOptions,
      limit: PAGE_SIZE,
      continue: page.continue,
      resourceVersion: undefined,
      resourceVersionMatch: undefined,
    });
  }
  return limited ? first : { items, resourceVersion: first.resourceVersion };
}

interface PageDeletion extends Omit<CollectionDeletion, 'listOptions'> {
  readonly items: readonly RESTObject[];
}

async function deleteItems<T extends KubeObject>(
  store: Store<T>,
  context: RequestContext,
  { items, validate, options }: PageDeletion,
): Promise<void> {
  const workers = Math.max(1, store.options.config.options.deleteCollectionWorkers);
  claimDeletion(context, highest(items.map(sizeOf), 0));
  // Large objects one at a time, for which memory is claimed.
  const ofLarge = new Places(1);
  const remove = async (item: RESTObject): Promise<void> => {
    if (context.signal.aborted) return;
    const { name = '' } = (await objectOf(item)).metadata;
    try {
      await store.delete(context, name, validate, options);
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  };
  await forEachConcurrent(items, workers, (item) =>
    sizeOf(item) > READ_AT_ONCE ? ofLarge.within(() => remove(item)) : remove(item),
  );
}
