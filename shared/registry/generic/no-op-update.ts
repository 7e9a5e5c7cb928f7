/**
 * Updates that change nothing, or nothing but the times of managed fields
 * (https://github.com/kubernetes/apiserver/blob/master/pkg/endpoints/handlers/fieldmanager/equality.go).
 */

import type { KubeObject } from '../../meta/kube-object.ts';
import type { ManagedFieldsEntry } from '../../meta/v1/types.ts';
import type { Pieces } from '../../util/breathe.ts';
import { equalInPieces } from '../../util/json-equal.ts';

const untimed = (entries: readonly ManagedFieldsEntry[] | undefined) =>
  entries?.map(({ time: _, ...entry }) => entry);

/** Nothing to write: a new revision would tell watchers of nothing. */
export function* isNoOpUpdate(object: KubeObject, old: KubeObject): Pieces<boolean> {
  const { metadata, ...fields } = object;
  const { metadata: oldMetadata, ...oldFields } = old;
  const { managedFields, ...meta } = metadata;
  const { managedFields: oldManagedFields, ...oldMeta } = oldMetadata;
  return (
    (yield* equalInPieces(meta, oldMeta)) &&
    (yield* equalInPieces(fields, oldFields)) &&
    (yield* equalInPieces(untimed(managedFields), untimed(oldManagedFields)))
  );
}
