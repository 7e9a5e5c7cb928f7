/** What many strategies do in the same way. */

import type { KubeObject } from '../../meta/kube-object.ts';
import type { ObjectMeta } from '../../meta/v1/types.ts';
import type { ResetFields } from '../../rest/strategy.ts';

/** The desired state is another one. */
export function raiseGeneration(object: KubeObject, old: KubeObject): void {
  object.metadata.generation = (old.metadata.generation ?? 0) + 1;
}

const STATUS_CANNOT_SET = [
  'deletionTimestamp',
  'generation',
  'selfLink',
  'labels',
  'annotations',
  'finalizers',
  'ownerReferences',
] as const;

/**
 * Keeps the metadata that a status update may not change
 * (apimachinery `metav1.ResetObjectMetaForStatus`).
 */
export function resetObjectMetaForStatus(metadata: ObjectMeta, old: ObjectMeta): void {
  for (const field of STATUS_CANNOT_SET) {
    delete metadata[field];
    if (old[field] !== undefined) Object.assign(metadata, { [field]: old[field] });
  }
}

/** The same fields in several API versions, written with dots: `metadata.labels`. */
export function resetFields(apiVersions: readonly string[], ...paths: string[]): ResetFields {
  const split = paths.map((path) => path.split('.'));
  return Object.fromEntries(apiVersions.map((apiVersion) => [apiVersion, split]));
}
