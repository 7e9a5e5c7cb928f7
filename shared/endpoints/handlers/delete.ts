import { authorizerAttributes } from '../../authz/authorizer-attributes.ts';
import { undecided } from '../../authz/forbidden.ts';
import { newBadRequest, newForbidden, newInternalError } from '../../meta/status-error.ts';
import type { ApiResponse } from '../../request/api-request.ts';
import { validateDeleteOptions } from '../../rest/delete-options.ts';
import {
  type CollectionDeleter,
  type GracefulDeleter,
  isCorruptObjectDeleter,
  isStatus,
  type RESTDeleteOptions,
} from '../../rest/rest-storage.ts';
import { gvkOf } from '../../runtime/group-version.ts';
import type { RuntimeObject } from '../../runtime/scheme.ts';
import { NotRegisteredError } from '../../runtime/scheme.ts';
import { DecodingError } from '../../runtime/serializer/decoding-error.ts';
import { decodeInPieces, scopeNamespace } from '../codec/decode-body.ts';
import { negotiateInput, negotiateOutput } from '../codec/negotiation.ts';
import { writeList, writeObject, writeStatus } from '../codec/response.ts';
import { validateDeletion } from '../resource/admission-attributes.ts';
import { type RequestScope, restrictionsOf } from '../resource/request-scope.ts';
import { type DeleteOptions, deleteOptionsOfQuery, refuseUnsafe } from '../resource/write-options.ts';
import type { ServingContext } from '../routing/serving-context.ts';
import { restListOptions } from './list-options.ts';

const UNSAFE_GATE = 'AllowUnsafeMalformedObjectDeletion';
const DELETE_OPTIONS = { group: 'meta.k8s.io', version: 'v1', kind: 'DeleteOptions' };

/** Reads options from the body, in any group version, or from the query if there is no body. */
async function decodeDeleteOptions(context: ServingContext, scope: RequestScope): Promise<DeleteOptions> {
  const { body, query } = context.request;
  let options: DeleteOptions;
  if (body.byteLength === 0) options = deleteOptionsOfQuery(query);
  else {
    options = await optionsOfBody(context, scope);
    await context.audit.logRequestObject(() => ({
      ...options,
      kind: 'DeleteOptions',
      apiVersion: 'meta.k8s.io/__internal',
    }));
  }
  // With the gate off, the option is ignored and the deletion is an ordinary one.
  if (!context.featureEnabled(UNSAFE_GATE)) {
    const { ignoreStoreReadErrorWithClusterBreakingPotential: _, ...others } = options;
    options = others;
  }
  validateDeleteOptions(options);
  return { ...options, kind: 'DeleteOptions', apiVersion: 'meta.k8s.io/v1' };
}

async function optionsOfBody(context: ServingContext, scope: RequestScope): Promise<DeleteOptions> {
  const { serializer } = await negotiateInput(context, scope.codecs);
  let object: RuntimeObject;
  try {
    ({ object } = await decodeInPieces(context, serializer, { defaults: DELETE_OPTIONS, budgeted: true }));
  } catch (error) {
    if (error instanceof DecodingError || error instanceof NotRegisteredError) {
      throw newBadRequest(error.message);
    }
    throw error;
  }
  if (object.kind !== 'DeleteOptions') {
    // Upstream decodes with a scheme that has only the kinds common to all groups.
    const gvk = gvkOf(object);
    throw newBadRequest(
      gvk.group === DELETE_OPTIONS.group
        ? 'decoded object cannot be converted to DeleteOptions'
        : new NotRegisteredError(gvk).message,
    );
  }
  return object as DeleteOptions;
}

function restDeleteOptions({ dryRun, ...options }: DeleteOptions): RESTDeleteOptions {
  return { ...options, dryRun: (dryRun ?? []).length > 0 };
}

export async function deleteResource(
  context: ServingContext,
  scope: RequestScope,
  storage: GracefulDeleter,
): Promise<ApiResponse> {
  const mediaType = await negotiateOutput(context, scope.codecs, restrictionsOf(scope));
  const options = await decodeDeleteOptions(context, scope);
  const restOptions = restDeleteOptions(options);
  const { name } = context.requestInfo;
  const namespace = scopeNamespace(context, scope);
  const { dryRun } = restOptions;
  const output = { context, scope, mediaType, storageVersion: storage.storageVersion };
  if (options.ignoreStoreReadErrorWithClusterBreakingPotential) {
    await deleteUnsafely(context, scope, storage, dryRun);
    const status = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 200 } as const;
    return writeStatus(output, 200, { ...status, details: { name, kind: scope.kind.kind } });
  }
  const validate = validateDeletion(context, scope, { name, namespace, options, dryRun });
  const { result, deleted } = await storage.delete(context, name, validate, restOptions);
  // Upstream sends 202 only to clients that asked for it, because others may treat it as a failure.
  const status = !deleted && options.orphanDependents === false ? 202 : 200;
  return isStatus(result) ? writeStatus(output, status, result) : writeObject(output, status, result);
}

const UNSAFE_VERB = 'unsafe-delete-ignore-read-errors';

/**
 * Deletes an object that can't be decoded, skipping admission and finalizers, if the user is authorized for the verb of
 * unsafe deletion.
 */
async function deleteUnsafely(
  context: ServingContext,
  scope: RequestScope,
  storage: GracefulDeleter,
  dryRun: boolean,
): Promise<void> {
  context.audit.addAnnotation('apiserver.k8s.io/unsafe-delete-ignore-read-error', '');
  if (!isCorruptObjectDeleter(storage)) {
    const why = 'no unsafe deleter provided, can not honor ignoreStoreReadErrorWithClusterBreakingPotential';
    throw newInternalError(why);
  }
  const { name } = context.requestInfo;
  const attributes = { ...authorizerAttributes(context.user, context.requestInfo), verb: UNSAFE_VERB };
  const { decision, reason, error } = await scope.authorizer.authorize(attributes);
  if (decision !== 'Allow') {
    if (error !== undefined) throw undecided(error);
    throw newForbidden(scope.resource, name, `not permitted to do "${UNSAFE_VERB}", reason: ${reason}`);
  }
  await storage.deleteCorrupt(context, name, dryRun);
}

export async function deleteCollection(
  context: ServingContext,
  scope: RequestScope,
  storage: CollectionDeleter,
): Promise<ApiResponse> {
  const mediaType = await negotiateOutput(context, scope.codecs, restrictionsOf(scope));
  const listOptions = await restListOptions(context, scope);
  const options = await decodeDeleteOptions(context, scope);
  refuseUnsafe(options);
  const restOptions = restDeleteOptions(options);
  const namespace = scopeNamespace(context, scope);
  const { dryRun } = restOptions;
  const validate = validateDeletion(context, scope, { name: '', namespace, options, dryRun });
  const list = await storage.deleteCollection(context, validate, restOptions, listOptions);
  return writeList({ context, scope, mediaType, storageVersion: storage.storageVersion }, 200, list);
}
