/** First steps of deletions (https://github.com/kubernetes/apiserver/blob/master/pkg/registry/rest/delete.go). */

import type { KubeObject } from '../meta/kube-object.ts';
import { nextGeneration } from '../meta/next-generation.ts';
import { newConflict } from '../meta/status-error.ts';
import { formatTime } from '../meta/time.ts';
import type { RequestContext } from '../request/request-context.ts';
import type { RESTDeleteOptions } from './rest-storage.ts';
import type { RESTStrategy } from './strategy.ts';

/** Delete options in which strategies may set the grace period. */
export type MutableDeleteOptions = { -readonly [K in keyof RESTDeleteOptions]: RESTDeleteOptions[K] };

/**
 * `graceful`: the object has been marked and must be stored. `pending`: it is already being deleted, and these options
 * change nothing. `immediate`: it can be removed now.
 */
export type DeletionStart = 'graceful' | 'pending' | 'immediate';

/** The latest time that the API can represent. */
const LAST_MS = Date.parse('9999-12-31T23:59:59Z');

/** `seconds` is an int64 and may be a bigint. */
const later = (ms: number, seconds: number): number => Math.min(ms + Number(seconds) * 1000, LAST_MS);

/** Marks `object` for graceful deletion if its strategy requires it. Throws Conflict for failed preconditions. */
export function beforeDelete<T extends KubeObject>(
  strategy: RESTStrategy<T>,
  context: RequestContext,
  object: T,
  options: MutableDeleteOptions,
): DeletionStart {
  checkPreconditions(strategy, object, options);
  const { metadata } = object;
  // Upstream treats negative periods as one second.
  if ((options.gracePeriodSeconds ?? 0) < 0) options.gracePeriodSeconds = 1;
  if ((metadata.deletionGracePeriodSeconds ?? 0) < 0) metadata.deletionGracePeriodSeconds = 1;
  if (strategy.checkGracefulDelete === undefined) return 'immediate';
  if (metadata.deletionTimestamp) return shortenGracePeriod(object, options);
  if (!strategy.checkGracefulDelete(context, object, options)) return 'immediate';
  const seconds = options.gracePeriodSeconds ?? 0;
  metadata.deletionTimestamp = formatTime(later(Date.now(), seconds));
  metadata.deletionGracePeriodSeconds = seconds;
  if (metadata.generation) metadata.generation = nextGeneration(metadata.generation);
  return 'graceful';
}

function checkPreconditions<T extends KubeObject>(
  { kind }: RESTStrategy<T>,
  { metadata }: T,
  { preconditions }: RESTDeleteOptions,
): void {
  const resource = { group: kind.group, resource: kind.kind };
  const { uid, resourceVersion } = preconditions ?? {};
  if (uid !== undefined && uid !== metadata.uid) {
    const why = `the UID in the precondition (${uid}) does not match the UID in record (${metadata.uid}). The object might have been deleted and then recreated`;
    throw newConflict(resource, metadata.name ?? '', why);
  }
  if (resourceVersion !== undefined && resourceVersion !== metadata.resourceVersion) {
    const why = `the ResourceVersion in the precondition (${resourceVersion}) does not match the ResourceVersion in record (${metadata.resourceVersion}). The object might have been modified`;
    throw newConflict(resource, metadata.name ?? '', why);
  }
}

/** The grace period of an object that is being deleted can only be shortened. */
function shortenGracePeriod({ metadata }: KubeObject, options: MutableDeleteOptions): DeletionStart {
  const current = metadata.deletionGracePeriodSeconds ?? 0;
  if (current === 0) return 'immediate';
  if (options.gracePeriodSeconds === undefined) {
    options.gracePeriodSeconds = current;
    return 'pending';
  }
  let period = options.gracePeriodSeconds;
  if (period >= current) return 'pending';
  const now = Date.now();
  let until = later(Date.parse(metadata.deletionTimestamp!), Number(period) - Number(current));
  if (until < now) {
    until = now;
    // Still graceful: the component that terminates the object sees the update and deletes with a period of zero.
    if (period !== 0) period = 1;
  }
  metadata.deletionTimestamp = formatTime(until);
  metadata.deletionGracePeriodSeconds = period;
  return 'graceful';
}
