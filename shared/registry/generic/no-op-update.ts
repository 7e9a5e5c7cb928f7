/**
 * Detects updates that change at most the times in managedFields
 * (https://github.com/kubernetes/apiserver/blob/master/pkg/endpoints/handlers/fieldmanager/equality.go).
 */

import type { KubeObject } from '../../meta/kube-object.ts';
import type { ManagedFieldsEntry } from '../../meta/v1/types.ts';
import type { Pieces } from '../../util/breathe.ts';
import { equalInPieces } from '../../util/json-equal.ts';

const untimed = (entries: readonly ManagedFieldsEntry[] | undefined) =>
  entries?.map(({ time: _, ...entry }) => entry);

/** Whether there is nothing to write, so that watchers aren't notified. */
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
