import { semanticDeepEqual } from './deep-equal.ts';
import type { KubeObject } from './kube-object.ts';

/**
 * Whether an update only changes fields for garbage collection. The garbage collector must not need the permissions
 * that an object grants.
 */
export function isOnlyMutatingGCFields(object: KubeObject, old: KubeObject | undefined): boolean {
  if (old === undefined) return false;
  const { finalizers, ownerReferences, managedFields } = old.metadata;
  const metadata = { ...object.metadata, finalizers, ownerReferences, managedFields };
  return semanticDeepEqual({ ...object, metadata }, old);
}
