import type { KubeObject } from '../../meta/kube-object.ts';
import { type PatchType, patchObject } from '../../meta/patch/patch-object.ts';
import { validText } from '../../meta/patch/patch-result.ts';
import { isNotFound, newConflict, newNotFound } from '../../meta/status-error.ts';
import type { ApiResponse } from '../../request/api-request.ts';
import { headerOf } from '../../request/api-request.ts';
import type { RequestContext } from '../../request/request-context.ts';
import type { UpdatedObjectInfo, Updater } from '../../rest/rest-storage.ts';
import type { RuntimeObject } from '../../runtime/scheme.ts';
import { breathe, inPieces } from '../../util/breathe.ts';
import { deepCopyInPieces } from '../../util/deep-copy.ts';
import { checkName, checkNamespace } from '../codec/decode-body.ts';
import { negotiateOutput, unsupportedMediaType } from '../codec/negotiation.ts';
import { writeObject } from '../codec/response.ts';
import { applyConfiguration } from '../resource/apply-configuration.ts';
import { keepHidden } from '../resource/keep-hidden.ts';
import { type RequestScope, restrictionsOf } from '../resource/request-scope.ts';
import { checkStorable } from '../resource/storable.ts';
import {
  decodeWriteOptions,
  fieldValidationOf,
  managerOf,
  validatePatchOptions,
  type WriteOptions,
} from '../resource/write-options.ts';
import type { ServingContext } from '../routing/serving-context.ts';
import { admitWrite, updateOptions } from './update.ts';

export const APPLY_PATCH = 'application/apply-patch+yaml';

/** Throws UnsupportedMediaType for patch types that the resource doesn't accept. */
function patchTypeOf({ request }: ServingContext, { patchTypes }: RequestScope): string {
  const contentType = (headerOf(request.headers, 'content-type') ?? '').split(';')[0]!;
  if (!patchTypes.includes(contentType)) throw unsupportedMediaType(patchTypes);
  return contentType;
}

export async function patchResource(
  context: ServingContext,
  scope: RequestScope,
  storage: Updater,
): Promise<ApiResponse> {
  const patchType = patchTypeOf(context, scope);
  const mediaType = await negotiateOutput(context, scope.codecs, restrictionsOf(scope));
  const options = decodeWriteOptions(context, 'PatchOptions');
  const isApply = patchType === APPLY_PATCH;
  validatePatchOptions(options, isApply);
  if (!isApply) await context.audit.logRequestPatch(context.request.body);

  const mechanism = isApply
    ? await applyConfiguration(context, scope, options)
    : (current: KubeObject | undefined) => applyPatch(context, scope, { patchType, options, current });
  const { name } = context.requestInfo;
  const objectInfo = patchedObjectInfo(context, scope, { mechanism, options });
  const { item, created } = await storage
    .update(context, name, objectInfo, {
      ...updateOptions(context, scope, options),
      forceAllowCreate: isApply,
    })
    .catch(async (error: unknown) => {
      // Upstream validates the patch before it looks up the object.
      if (!isApply && isNotFound(error)) await inPieces(validText(context.request.body));
      throw error;
    });
  const output = { context, scope, mediaType, storageVersion: storage.storageVersion };
  return writeObject(output, created ? 201 : 200, item);
}

/**
 * Returns the object to store, given the current one, which it doesn't modify; undefined if there is none. Objects are
 * internal.
 */
export type PatchMechanism = (current: KubeObject | undefined) => Promise<KubeObject>;

function patchedObjectInfo(
  context: ServingContext,
  scope: RequestScope,
  { mechanism, options }: { readonly mechanism: PatchMechanism; readonly options: WriteOptions },
): UpdatedObjectInfo {
  const admit = admitWrite(context, scope, options);
  return {
    async updatedObject(requestContext: RequestContext, old) {
      const object = await mechanism(old);
      await checkStorable(object);
      if (old === undefined && object.metadata.uid) {
        const why = `uid mismatch: the provided object specified uid ${object.metadata.uid}, and no existing object was found`;
        throw newConflict(scope.resource, context.requestInfo.name, why);
      }
      checkNamespace(context, scope, object);
      checkName(context, object);
      return admit(requestContext, object, old);
    },
  };
}

interface Patch {
  readonly patchType: string;
  readonly options: WriteOptions;
  readonly current: KubeObject | undefined;
}

async function applyPatch(
  context: ServingContext,
  scope: RequestScope,
  { patchType, options, current }: Patch,
): Promise<KubeObject> {
  if (current === undefined) throw newNotFound(scope.resource, context.requestInfo.name);
  const versioned = async (): Promise<RuntimeObject> =>
    (await scope.convertor.fromInternal([await deepCopyInPieces(current)], scope.kind))[0]!;
  const { object, warnings } = await patchObject(versioned, patchType as PatchType, context.request.body, {
    gvk: scope.kind,
    schema: scope.convertor.schema(scope.kind),
    serializer: scope.codecs.json.serializer,
    fieldValidation: fieldValidationOf(options),
  });
  for (const warning of warnings) context.addWarning(warning);
  await breathe();
  const patched = keepHidden(scope, await scope.convertor.toInternal(object), current);
  await checkStorable(patched);
  await scope.fieldManager?.update(current, patched, managerOf(options, context));
  return patched;
}
