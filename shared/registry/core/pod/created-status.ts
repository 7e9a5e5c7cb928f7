import type { KubeObject } from '../../../meta/kube-object.ts';
import { type RESTObject, restObject } from '../../../rest/rest-storage.ts';

/** The answer to creations that leave no object behind. */
export function createdStatus(): RESTObject {
  const status = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 201 };
  return restObject(status as KubeObject);
}
