import type { KubeObject } from '../../../meta/kube-object.ts';
import { type RESTObject, restObject } from '../../../rest/rest-storage.ts';

/** The answer to a creation without a resulting object. */
export function createdStatus(): RESTObject {
  const status = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 201 };
  return restObject(status as KubeObject);
}
