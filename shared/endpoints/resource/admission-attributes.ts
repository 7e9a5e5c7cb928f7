/** Builds the admission attributes of a write, and wraps both admission phases for the handlers. */

import type { AdmissionAttributes, AdmissionOperation } from '../../admission/admission.ts';
import type { KubeObject } from '../../meta/kube-object.ts';
import { decodeManagedFields } from '../../meta/managedfields/managers.ts';
import type { ManagedFieldsEntry } from '../../meta/v1/types.ts';
import type { ValidateObject, ValidateObjectUpdate } from '../../rest/rest-storage.ts';
import { inPieces } from '../../util/breathe.ts';
import type { ServingContext } from '../routing/serving-context.ts';
import type { RequestScope } from './request-scope.ts';

export interface AttributesRecord {
  readonly operation: AdmissionOperation;
  readonly name: string;
  readonly namespace: string;
  readonly object: KubeObject | undefined;
  readonly oldObject: KubeObject | undefined;
  readonly options: { readonly kind: string; readonly apiVersion: string };
  readonly dryRun: boolean;
}

export function admissionAttributes(
  context: ServingContext,
  scope: RequestScope,
  record: AttributesRecord,
): AdmissionAttributes {
  return {
    ...record,
    options: record.options as AdmissionAttributes['options'],
    kind: scope.kind,
    resource: scope.resource,
    subresource: scope.subresource,
    user: context.user,
    objects: scope.objects,
    addAnnotation: (key, value, level) => context.audit.addAnnotation(key, value, level),
  };
}

export async function admit(
  context: ServingContext,
  { admission }: RequestScope,
  attributes: AdmissionAttributes,
): Promise<void> {
  if (!admission.handles(attributes.operation)) return;
  const managedFields = attributes.object?.metadata?.managedFields;
  await admission.admit(attributes, context);
  await keepManagers(context, attributes.object, managedFields);
}

/**
 * Restores managedFields that admission has made undecodable
 * (https://github.com/kubernetes/apiserver/blob/master/pkg/endpoints/handlers/fieldmanager/admission.go).
 */
async function keepManagers(
  context: ServingContext,
  object: KubeObject | undefined,
  before: ManagedFieldsEntry[] | undefined,
): Promise<void> {
  const after = object?.metadata?.managedFields;
  if (object === undefined || after === before) return;
  try {
    if ((await inPieces(decodeManagedFields(after))).fields.size === 0) delete object.metadata.managedFields;
  } catch (error) {
    object.metadata.managedFields = before;
    context.addWarning(
      `.metadata.managedFields was in an invalid state after admission; this could be caused by an outdated mutating admission controller; please fix your requests: ${(error as Error).message}`,
    );
  }
}

type Static = Omit<AttributesRecord, 'object' | 'oldObject' | 'operation'>;

/** Validating admission of a creation, which runs after a generated name is set. */
export function validateCreation(
  context: ServingContext,
  scope: RequestScope,
  record: Static,
): ValidateObject {
  return async (object) => {
    if (!scope.admission.handles('CREATE')) return;
    const name = record.name === '' ? (object.metadata?.name ?? '') : record.name;
    const attributes = { ...record, name, operation: 'CREATE', object, oldObject: undefined } as const;
    await scope.admission.validate(admissionAttributes(context, scope, attributes), context);
  };
}

export function validateUpdate(
  context: ServingContext,
  scope: RequestScope,
  record: Static,
): ValidateObjectUpdate {
  return async (object, oldObject) => {
    if (!scope.admission.handles('UPDATE')) return;
    const attributes = { ...record, operation: 'UPDATE', object, oldObject } as const;
    await scope.admission.validate(admissionAttributes(context, scope, attributes), context);
  };
}

/** Runs both phases, because a deletion has no object to mutate before storage has read it. */
export function validateDeletion(
  context: ServingContext,
  scope: RequestScope,
  record: Static,
): ValidateObject {
  return async (oldObject) => {
    if (!scope.admission.handles('DELETE')) return;
    const attributes = admissionAttributes(context, scope, {
      ...record,
      operation: 'DELETE',
      object: undefined,
      oldObject,
    });
    await scope.admission.admit(attributes, context);
    await scope.admission.validate(attributes, context);
  };
}
