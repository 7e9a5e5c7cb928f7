/** The garbage collector's finalizers that a deletion sets (upstream's `deletionFinalizersForGarbageCollection`). */

import type { KubeObject } from '../../meta/kube-object.ts';
import {
  FINALIZER_DELETE_DEPENDENTS,
  FINALIZER_ORPHAN_DEPENDENTS,
} from '../../meta/validation/object-meta.ts';
import type { RequestContext } from '../../request/request-context.ts';
import type { RESTDeleteOptions } from '../../rest/rest-storage.ts';
import type { Store } from './store.ts';

const COLLECTOR_FINALIZERS = [FINALIZER_ORPHAN_DEPENDENTS, FINALIZER_DELETE_DEPENDENTS];

/** A deletion with its request context. */
export interface DeletionRequest {
  readonly context: RequestContext;
  readonly options: RESTDeleteOptions;
}

/** The request's options take precedence over the object's finalizers, and these over the strategy's default. */
function wantedFinalizer<T extends KubeObject>(
  store: Store<T>,
  { metadata }: T,
  { context, options }: DeletionRequest,
): string | undefined {
  const { orphanDependents, propagationPolicy } = options;
  const { defaultGarbageCollectionPolicy: byDefault = 'background' } = store.strategy;
  const policy = typeof byDefault === 'function' ? byDefault(context) : byDefault;
  if (policy === 'unsupported') return undefined;
  if (orphanDependents !== undefined) return orphanDependents ? FINALIZER_ORPHAN_DEPENDENTS : undefined;
  if (propagationPolicy === 'Orphan') return FINALIZER_ORPHAN_DEPENDENTS;
  if (propagationPolicy === 'Foreground') return FINALIZER_DELETE_DEPENDENTS;
  if (propagationPolicy === 'Background') return undefined;
  const present = metadata.finalizers?.find((finalizer) => COLLECTOR_FINALIZERS.includes(finalizer));
  return present ?? (policy === 'orphan' ? FINALIZER_ORPHAN_DEPENDENTS : undefined);
}

/** The object's finalizers during its deletion; undefined if they don't change. */
export function deletionFinalizers<T extends KubeObject>(
  store: Store<T>,
  object: T,
  request: DeletionRequest,
): string[] | undefined {
  if (store.options.enableGarbageCollection === false) return undefined;
  const wanted = wantedFinalizer(store, object, request);
  const old = new Set(object.metadata.finalizers);
  const finalizers = (object.metadata.finalizers ?? []).filter(
    (finalizer) => !COLLECTOR_FINALIZERS.includes(finalizer),
  );
  if (wanted !== undefined) finalizers.push(wanted);
  const same = finalizers.length === old.size && finalizers.every((item) => old.has(item));
  return same ? undefined : finalizers;
}
