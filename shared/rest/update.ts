/** Steps common to all updates (https://github.com/kubernetes/apiserver/blob/master/pkg/registry/rest/update.go). */

import { FieldPath } from '../meta/field-path.ts';
import type { KubeObject } from '../meta/kube-object.ts';
import { nameIsPathSegment } from '../meta/validation/names.ts';
import { validateObjectMeta, validateObjectMetaUpdate } from '../meta/validation/object-meta.ts';
import type { RequestContext } from '../request/request-context.ts';
import { appendAll } from '../util/append-all.ts';
import { breathe } from '../util/breathe.ts';
import { deepCopyInPieces } from '../util/deep-copy.ts';
import { declaredErrors, invalidObject, reportedByGates } from './invalid-object.ts';
import { ensureNamespaceMatches } from './metadata.ts';
import type { UpdatedObjectInfo } from './rest-storage.ts';
import type { RESTStrategy } from './strategy.ts';

const METADATA = FieldPath.of('metadata');

/** Prepares, validates and canonicalizes `object`, which replaces `old`. Throws Invalid with all errors. */
export async function beforeUpdate<T extends KubeObject>(
  strategy: RESTStrategy<T>,
  context: RequestContext,
  object: T,
  old: T,
): Promise<void> {
  ensureNamespaceMatches(strategy.namespaced ? context.requestInfo.namespace : '', object.metadata);
  if (old.metadata.generation === undefined) delete object.metadata.generation;
  else object.metadata.generation = old.metadata.generation;
  const drop = () => strategy.dropDisabledFields?.(context, object, old);
  if (!strategy.preparesUndropped) drop();
  await strategy.prepareForUpdate?.(context, object, old);
  if (strategy.preparesUndropped) drop();
  keepSystemFields(object, old);
  // A strategy may have replaced metadata.
  const { metadata } = object;
  const rules = { namespaced: strategy.namespaced, validateName: nameIsPathSegment };
  await breathe();
  const errors = [
    ...validateObjectMeta(metadata, rules, METADATA),
    ...validateObjectMetaUpdate(metadata, old.metadata, METADATA),
  ];
  await breathe();
  appendAll(errors, reportedByGates(context, (await strategy.validateUpdate?.(context, object, old)) ?? []));
  appendAll(errors, await declaredErrors(strategy, context, object, old));
  await breathe();
  if (errors.length > 0) throw await invalidObject(strategy, context, object, errors);
  const warnings = (await strategy.warningsOnUpdate?.(context, object, old)) ?? [];
  for (const warning of warnings) context.addWarning(warning);
  strategy.canonicalize?.(object);
}

function keepSystemFields({ metadata }: KubeObject, { metadata: old }: KubeObject): void {
  if (!metadata.uid && old.uid !== undefined) metadata.uid = old.uid;
  if (old.creationTimestamp) metadata.creationTimestamp = old.creationTimestamp;
  if (old.deletionTimestamp) metadata.deletionTimestamp = old.deletionTimestamp;
  if (old.deletionGracePeriodSeconds !== undefined && metadata.deletionGracePeriodSeconds === undefined) {
    metadata.deletionGracePeriodSeconds = old.deletionGracePeriodSeconds;
  }
}

/** Modifies or replaces the object that an update is about to store: mutating admission, field managers. */
export type TransformObject = (
  context: RequestContext,
  object: KubeObject,
  old: KubeObject | undefined,
) => Promise<KubeObject>;

/** An update with a whole object, whose UID, if set, is a precondition. */
export function defaultUpdatedObjectInfo(
  object: KubeObject,
  ...transformers: TransformObject[]
): UpdatedObjectInfo {
  const { uid } = object.metadata;
  return {
    preconditions: uid ? { uid } : undefined,
    async updatedObject(context, old) {
      let updated: KubeObject = await deepCopyInPieces(object);
      for (const transform of transformers) updated = await transform(context, updated, old);
      return updated;
    },
  };
}
