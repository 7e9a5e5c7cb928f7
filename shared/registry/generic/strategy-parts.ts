/** Common parts of strategies. */

import type { KubeObject } from '../../meta/kube-object.ts';
import { nextGeneration } from '../../meta/next-generation.ts';
import type { ObjectMeta } from '../../meta/v1/types.ts';
import type { ResetFields } from '../../rest/strategy.ts';

/** Increments the generation, because the desired state has changed. */
export function raiseGeneration(object: KubeObject, old: KubeObject): void {
  object.metadata.generation = nextGeneration(old.metadata.generation);
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

/** Restores metadata that a status update must not change (apimachinery `metav1.ResetObjectMetaForStatus`). */
export function resetObjectMetaForStatus(metadata: ObjectMeta, old: ObjectMeta): void {
  for (const field of STATUS_CANNOT_SET) {
    delete metadata[field];
    if (old[field] !== undefined) Object.assign(metadata, { [field]: old[field] });
  }
}

/** The same fields for several API versions. `paths` are dotted: `metadata.labels`. */
export function resetFields(apiVersions: readonly string[], ...paths: string[]): ResetFields {
  const split = paths.map((path) => path.split('.'));
  return Object.fromEntries(apiVersions.map((apiVersion) => [apiVersion, split]));
}
