/**
 * Revisions in answers that leave no object behind. The next release always sends them; here they depend on the gate
 * StatusResourceVersion (`finalizeDelete` and `setRVFromNotFound` in apiserver's
 * pkg/registry/generic/registry/store.go).
 */

import type { KubeObject } from '../meta/kube-object.ts';
import type { Status } from '../meta/status-error.ts';
import type { RequestContext } from '../request/request-context.ts';

type Context = Pick<RequestContext, 'featureEnabled'>;

const GATE = 'StatusResourceVersion';

/** `resourceVersion` is that of the write that the Status reports; undefined if unknown. */
export function statusMetadata(
  { featureEnabled }: Context,
  resourceVersion: string | undefined,
): Status['metadata'] {
  return resourceVersion !== undefined && featureEnabled(GATE) ? { resourceVersion } : {};
}

/** The last known state of an object that another client deleted at an unknown revision. */
export function withoutRevision<T extends KubeObject>({ featureEnabled }: Context, object: T): T {
  if (!featureEnabled(GATE)) return object;
  const { resourceVersion: _, ...metadata } = object.metadata;
  return { ...object, metadata };
}

/** The object as sent by the client, with the revision at which its update deleted it. */
export function atDeletion<T extends KubeObject>({ featureEnabled }: Context, object: T, deleted: T): T {
  if (!featureEnabled(GATE)) return object;
  const { resourceVersion } = deleted.metadata;
  return { ...object, metadata: { ...object.metadata, resourceVersion } };
}
