import { authorizerAttributes } from '../../authz/authorizer-attributes.ts';
import { forbiddenStatusError, undecided } from '../../authz/forbidden.ts';
import type { ApiResponse } from '../../request/api-request.ts';
import type { Updater, ValidateObject } from '../../rest/rest-storage.ts';
import { defaultUpdatedObjectInfo, type TransformObject } from '../../rest/update.ts';
import { breathe } from '../../util/breathe.ts';
import { checkName, checkNamespace, decodeBody, scopeNamespace } from '../codec/decode-body.ts';
import { negotiateOutput } from '../codec/negotiation.ts';
import { writeObject } from '../codec/response.ts';
import {
  admissionAttributes,
  admit,
  validateCreation,
  validateUpdate,
} from '../resource/admission-attributes.ts';
import { keepHidden } from '../resource/keep-hidden.ts';
import { dedupOwnerReferences } from '../resource/owner-references.ts';
import { type RequestScope, restrictionsOf } from '../resource/request-scope.ts';
import { checkStorable } from '../resource/storable.ts';
import {
  asOptionsOf,
  decodeWriteOptions,
  fieldValidationOf,
  managerOf,
  type WriteOptions,
} from '../resource/write-options.ts';
import type { ServingContext } from '../routing/serving-context.ts';

export async function updateResource(
  context: ServingContext,
  scope: RequestScope,
  storage: Updater,
): Promise<ApiResponse> {
  const mediaType = await negotiateOutput(context, scope.codecs, restrictionsOf(scope));
  const options = decodeWriteOptions(context, 'UpdateOptions');
  const object = await decodeBody(context, scope, fieldValidationOf(options));
  checkNamespace(context, scope, object);
  checkName(context, object);
  dedupOwnerReferences(context, object, 'received');

  const manager = managerOf(options, context);
  const { name } = context.requestInfo;
  const manage: TransformObject = async (_context, given, old) => {
    const updated = keepHidden(scope, given, old);
    await breathe();
    await scope.fieldManager?.update(old, updated, manager);
    await checkStorable(updated);
    return updated;
  };
  const objectInfo = defaultUpdatedObjectInfo(object, manage, admitWrite(context, scope, options));
  const { item, created } = await storage.update(
    context,
    name,
    objectInfo,
    updateOptions(context, scope, options),
  );
  const output = { context, scope, mediaType, storageVersion: storage.storageVersion };
  return writeObject(output, created ? 201 : 200, item);
}

/** Mutating admission of a write, which is an update or, if the object doesn't exist, a creation. */
export function admitWrite(
  context: ServingContext,
  scope: RequestScope,
  options: WriteOptions,
): TransformObject {
  return async (_context, object, old) => {
    const attributes = admissionAttributes(context, scope, {
      operation: old === undefined ? 'CREATE' : 'UPDATE',
      name: context.requestInfo.name,
      namespace: scopeNamespace(context, scope),
      object,
      oldObject: old,
      options: asOptionsOf(old === undefined ? 'CreateOptions' : 'UpdateOptions', options),
      dryRun: options.dryRun !== undefined,
    });
    await admit(context, scope, attributes);
    const admitted = attributes.object!;
    dedupOwnerReferences(context, admitted, 'admitted');
    return admitted;
  };
}

/** Storage options of an update or patch. */
export function updateOptions(
  context: ServingContext,
  scope: RequestScope,
  options: WriteOptions,
): Parameters<Updater['update']>[3] {
  const dryRun = options.dryRun !== undefined;
  const record = {
    name: context.requestInfo.name,
    namespace: scopeNamespace(context, scope),
    dryRun,
  };
  const createRecord = { ...record, options: asOptionsOf('CreateOptions', options) };
  const updateRecord = { ...record, options: asOptionsOf('UpdateOptions', options) };
  return {
    dryRun,
    fieldManager: options.fieldManager,
    fieldValidation: options.fieldValidation,
    createValidation: authorized(context, scope, validateCreation(context, scope, createRecord)),
    updateValidation: validateUpdate(context, scope, updateRecord),
  };
}

/**
 * Permission to update doesn't imply permission to create: authorizes the creation once, when one is about to happen.
 */
function authorized(context: ServingContext, scope: RequestScope, validate: ValidateObject): ValidateObject {
  return async (object) => {
    const attributes = { ...authorizerAttributes(context.user, context.requestInfo), verb: 'create' };
    const { decision, reason, error } = await scope.authorizer.authorize(attributes);
    if (decision === 'Allow') return validate(object);
    throw error === undefined ? forbiddenStatusError(attributes, reason) : undecided(error);
  };
}
