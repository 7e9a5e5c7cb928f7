import type { KubeObject } from '../../../meta/kube-object.ts';
import type { RequestContext } from '../../../request/request-context.ts';
import { type RESTObject, restObject } from '../../../rest/rest-storage.ts';
import { statusMetadata } from '../../../rest/status-metadata.ts';

/** The answer to a creation without a resulting object. `resourceVersion` is that of the modified pod. */
export function createdStatus(context: RequestContext, resourceVersion: string | undefined): RESTObject {
  const metadata = statusMetadata(context, resourceVersion);
  const status = { kind: 'Status', apiVersion: 'v1', metadata, status: 'Success', code: 201 };
  return restObject(status as KubeObject);
}
