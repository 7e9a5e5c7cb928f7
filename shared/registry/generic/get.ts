import type { KubeObject } from '../../meta/kube-object.ts';
import type { RequestContext } from '../../request/request-context.ts';
import type { RESTGetOptions, RESTObject } from '../../rest/rest-storage.ts';
import { translateStorageErrors } from '../../rest/storage-errors.ts';
import type { Store } from './store.ts';

export async function getObject<T extends KubeObject>(
  store: Store<T>,
  context: RequestContext,
  name: string,
  { resourceVersion }: RESTGetOptions,
): Promise<RESTObject<T>> {
  const key = store.keyFor(context, name);
  const stored = await translateStorageErrors(store.operation('get', name), () =>
    store.storage.get(key, { resourceVersion }),
  );
  return store.restObject(stored);
}
