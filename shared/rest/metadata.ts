/**
 * Metadata maintained by the server (https://github.com/kubernetes/apiserver/blob/master/pkg/registry/rest/meta.go).
 */

import { randomUUID } from 'node:crypto';
import { newBadRequest } from '../meta/status-error.ts';
import { formatTime } from '../meta/time.ts';
import type { ObjectMeta } from '../meta/v1/types.ts';

/** Clears the fields that only the server may set. */
export function wipeObjectMetaSystemFields(meta: ObjectMeta): void {
  delete meta.creationTimestamp;
  delete meta.uid;
  delete meta.deletionTimestamp;
  delete meta.deletionGracePeriodSeconds;
  delete meta.selfLink;
}

export function fillObjectMetaSystemFields(meta: ObjectMeta): void {
  meta.creationTimestamp = formatTime(Date.now());
  meta.uid = randomUUID();
}

/**
 * Sets the request's namespace on the object ('' for cluster-scoped kinds). Throws BadRequest if it has another one.
 */
export function ensureNamespaceMatches(requestNamespace: string, meta: ObjectMeta): void {
  if ((meta.namespace ?? '') === requestNamespace) return;
  if (requestNamespace === '') delete meta.namespace;
  else if (!meta.namespace) meta.namespace = requestNamespace;
  else {
    throw newBadRequest(
      'the namespace of the provided object does not match the namespace sent on the request',
    );
  }
}
