/**
 * Revisions in answers that leave no object behind. The next release tells them; here the gate StatusResourceVersion does
 * (`finalizeDelete` and `setRVFromNotFound` in apiserver's pkg/registry/generic/registry/store.go).
 */

import type { KubeObject } from '../meta/kube-object.ts';
import type { Status } from '../meta/status-error.ts';
import type { RequestContext } from '../request/request-context.ts';

type Context = Pick<RequestContext, 'featureEnabled'>;

const GATE = 'StatusResourceVersion';

/** `resourceVersion`: of the write that the Status is about; undefined where it isn't known. */
export function statusMetadata(
  { featureEnabled }: Context,
  resourceVersion: string | undefined,
): Status['metadata'] {
  return resourceVersion !== undefined && featureEnabled(GATE) ? { resourceVersion } : {};
}

/** The last known state of an object that somebody else has deleted, at a revision that nobody knows. */
export function withoutRevision<T extends KubeObject>({ featureEnabled }: Context, object: T): T {
  if (!featureEnabled(GATE)) return object;
  const { resourceVersion: _, ...metadata } = object.metadata;
  return { ...object, metadata };
}

/** The object as a client sent it, at the revision of the deletion that its update was. */
export function atDeletion<T extends KubeObject>({ featureEnabled }: Context, object: T, deleted: T): T {
  if (!featureEnabled(GATE)) return object;
  const { resourceVersion } = deleted.metadata;
  return { ...object, metadata: { ...object.metadata, resourceVersion } };
}
