import type { UnstructuredObject } from '../../../meta/kube-object.ts';
import { Store } from '../../../registry/generic/store.ts';
import type { RESTObject } from '../../../rest/rest-storage.ts';
import type { StoredObject } from '../../../storage/storage.ts';

/** A store over a `VersionedStorage`, whose objects are always in the version that is served. */
export class CustomResourceStore extends Store<UnstructuredObject> {
  /** Bytes that may not be needed are not asked for. */
  override restObject(stored: StoredObject<UnstructuredObject>): RESTObject<UnstructuredObject> {
    return stored;
  }
}
