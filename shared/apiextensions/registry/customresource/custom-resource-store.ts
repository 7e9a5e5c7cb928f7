import type { UnstructuredObject } from '../../../meta/kube-object.ts';
import { Store } from '../../../registry/generic/store.ts';
import type { RESTObject } from '../../../rest/rest-storage.ts';
import type { StoredObject } from '../../../storage/storage.ts';

/** A store over a `VersionedStorage`, whose objects are always in the served version. */
export class CustomResourceStore extends Store<UnstructuredObject> {
  /** Doesn't access bytes, which are computed lazily. */
  override restObject(stored: StoredObject<UnstructuredObject>): RESTObject<UnstructuredObject> {
    return stored;
  }
}
