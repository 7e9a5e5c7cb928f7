import type { KubeObject } from '../../meta/kube-object.ts';
import type { ApiResponse } from '../../request/api-request.ts';
import { wipeObjectMetaSystemFields } from '../../rest/metadata.ts';
import {
  type Creater,
  isNamedCreater,
  type NamedCreater,
  preservesObjectMeta,
} from '../../rest/rest-storage.ts';
import { breathe } from '../../util/breathe.ts';
import { checkNamespace, decodeBody, scopeNamespace } from '../codec/decode-body.ts';
import { negotiateInput, negotiateOutput } from '../codec/negotiation.ts';
import { writeObject } from '../codec/response.ts';
import { admissionAttributes, admit, validateCreation } from '../resource/admission-attributes.ts';
import { dedupOwnerReferences } from '../resource/owner-references.ts';
import { type RequestScope, restrictionsOf } from '../resource/request-scope.ts';
import { checkStorable } from '../resource/storable.ts';
import { decodeWriteOptions, fieldValidationOf, managerOf } from '../resource/write-options.ts';
import type { ServingContext } from '../routing/serving-context.ts';

/** Creates an object in a collection or below a named parent. */
export async function createResource(
  context: ServingContext,
  scope: RequestScope,
  storage: Creater | NamedCreater,
): Promise<ApiResponse> {
  const mediaType = await negotiateOutput(context, scope.codecs, restrictionsOf(scope));
  // Unlike for updates, upstream checks the media type before the options.
  await negotiateInput(context, scope.codecs);
  const options = decodeWriteOptions(context, 'CreateOptions');
  const object = await decodeBody(context, scope, fieldValidationOf(options));
  if (!preservesObjectMeta(storage)) wipeObjectMetaSystemFields(object.metadata);
  checkNamespace(context, scope, object);
  dedupOwnerReferences(context, object, 'received');

  const dryRun = options.dryRun !== undefined;
  const name = context.requestInfo.name || (object.metadata.name ?? '');
  const namespace = scopeNamespace(context, scope) || namespaceOfNamespace(scope, name);
  await breathe();
  await scope.fieldManager?.update(undefined, object, managerOf(options, context));
  await checkStorable(object);
  const attributes = admissionAttributes(context, scope, {
    operation: 'CREATE',
    name,
    namespace,
    object,
    oldObject: undefined,
    options,
    dryRun,
  });
  await admit(context, scope, attributes);
  const admitted = attributes.object as KubeObject;
  dedupOwnerReferences(context, admitted, 'admitted');

  const validate = validateCreation(context, scope, { name, namespace, options, dryRun });
  const restOptions = {
    dryRun,
    fieldManager: options.fieldManager,
    fieldValidation: options.fieldValidation,
  };
  const result = isNamedCreater(storage)
    ? await storage.createNamed(context, context.requestInfo.name, admitted, validate, restOptions)
    : await storage.create(context, admitted, validate, restOptions);
  const output = { context, scope, mediaType, storageVersion: storage.storageVersion };
  return writeObject(output, 201, result);
}

/** In admission, a namespace being created is in itself. */
function namespaceOfNamespace({ resource }: RequestScope, name: string): string {
  return resource.group === '' && resource.resource === 'namespaces' ? name : '';
}
