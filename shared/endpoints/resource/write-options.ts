/** Reads and validates the options of create, update, patch and delete (apimachinery `meta/v1/validation`). */

import type { FieldError } from '../../meta/field-error.ts';
import { forbidden, invalid, notSupported, required } from '../../meta/field-error.ts';
import { managerOrUserAgent } from '../../meta/managedfields/manager-or-user-agent.ts';
import { newInvalid } from '../../meta/status-error.ts';
import { validateFieldManager } from '../../meta/validation/object-meta.ts';
import { headerOf } from '../../request/api-request.ts';
import { integerParameter, optionalBooleanParameter } from '../../request/query-parameters.ts';
import { UNSAFE_DELETION, validateDryRun } from '../../rest/delete-options.ts';
import type { ServingContext } from '../routing/serving-context.ts';

export type FieldValidation = 'Ignore' | 'Warn' | 'Strict';

/** The options in a write's query, as the API object that admission sees. */
export interface WriteOptions {
  readonly kind: string;
  readonly apiVersion: string;
  readonly dryRun?: readonly string[] | undefined;
  readonly fieldManager?: string | undefined;
  readonly fieldValidation?: string | undefined;
  readonly force?: boolean | undefined;
}

type WriteKind = 'CreateOptions' | 'UpdateOptions' | 'PatchOptions';

const META_API_VERSION = 'meta.k8s.io/v1';
const FIELD_VALIDATIONS = ['', 'Ignore', 'Strict', 'Warn'];

function validateWriteOptions(options: WriteOptions): FieldError[] {
  const { fieldManager, dryRun = [], fieldValidation = '' } = options;
  const errors = [...validateFieldManager(fieldManager, 'fieldManager'), ...validateDryRun(dryRun)];
  if (!FIELD_VALIDATIONS.includes(fieldValidation)) {
    errors.push(notSupported('fieldValidation', fieldValidation, FIELD_VALIDATIONS));
  }
  return errors;
}

function check(kind: string, errors: readonly FieldError[]): void {
  if (errors.length > 0) throw newInvalid({ group: 'meta.k8s.io', kind }, '', errors);
}

/** Throws Invalid. */
export function decodeWriteOptions({ request: { query } }: ServingContext, kind: WriteKind): WriteOptions {
  if (query.size === 0) return { kind, apiVersion: META_API_VERSION };
  const dryRun = query.getAll('dryRun');
  const fieldManager = query.get('fieldManager');
  const fieldValidation = query.get('fieldValidation');
  const force = kind === 'PatchOptions' ? optionalBooleanParameter(query, 'force') : undefined;
  const options: WriteOptions = {
    kind,
    apiVersion: META_API_VERSION,
    ...(dryRun.length > 0 && { dryRun }),
    ...(fieldManager && { fieldManager }),
    ...(fieldValidation && { fieldValidation }),
    ...(force !== undefined && { force }),
  };
  if (kind !== 'PatchOptions') check(kind, validateWriteOptions(options));
  return options;
}

export function validatePatchOptions(options: WriteOptions, isApply: boolean): void {
  const errors: FieldError[] = [];
  if (isApply && !options.fieldManager) errors.push(required('fieldManager', 'is required for apply patch'));
  if (!isApply && options.force !== undefined) {
    errors.push(forbidden('force', 'may not be specified for non-apply patch'));
  }
  check('PatchOptions', [...errors, ...validateWriteOptions(options)]);
}

/** The same options as another verb's: admission sees a patch as an update or a creation. */
export function asOptionsOf(kind: WriteKind, { force: _, ...options }: WriteOptions): WriteOptions {
  return { ...options, kind };
}

export function fieldValidationOf({ fieldValidation }: WriteOptions): FieldValidation {
  return fieldValidation === 'Ignore' || fieldValidation === 'Strict' ? fieldValidation : 'Warn';
}

/** The manager that becomes the owner of the fields set by a write. */
export function managerOf(options: WriteOptions, { request }: ServingContext): string {
  return managerOrUserAgent(options.fieldManager, headerOf(request.headers, 'user-agent'));
}

export interface DeleteOptions {
  readonly kind: string;
  readonly apiVersion: string;
  readonly gracePeriodSeconds?: number | undefined;
  readonly preconditions?: { readonly uid?: string; readonly resourceVersion?: string } | undefined;
  readonly orphanDependents?: boolean | undefined;
  readonly propagationPolicy?: string | undefined;
  readonly dryRun?: readonly string[] | undefined;
  readonly ignoreStoreReadErrorWithClusterBreakingPotential?: boolean | undefined;
}

/**
 * Reads DeleteOptions from the query; `uid` and `resourceVersion` become preconditions. Throws BadRequest for a
 * malformed number.
 */
export function deleteOptionsOfQuery(query: URLSearchParams): DeleteOptions {
  const gracePeriodSeconds = integerParameter(query, 'gracePeriodSeconds');
  const orphanDependents = optionalBooleanParameter(query, 'orphanDependents');
  const propagationPolicy = query.get('propagationPolicy');
  const dryRun = query.getAll('dryRun');
  const ignore = optionalBooleanParameter(query, 'ignoreStoreReadErrorWithClusterBreakingPotential');
  const [uid, resourceVersion] = [query.get('uid'), query.get('resourceVersion')];
  return {
    kind: 'DeleteOptions',
    apiVersion: META_API_VERSION,
    ...(gracePeriodSeconds !== undefined && { gracePeriodSeconds }),
    ...((uid || resourceVersion) && {
      preconditions: { ...(uid && { uid }), ...(resourceVersion && { resourceVersion }) },
    }),
    ...(orphanDependents !== undefined && { orphanDependents }),
    ...(propagationPolicy !== null && { propagationPolicy }),
    ...(dryRun.length > 0 && { dryRun }),
    ...(ignore !== undefined && { ignoreStoreReadErrorWithClusterBreakingPotential: ignore }),
  };
}

/** Rejects unsafe deletion, which isn't allowed for collections. Throws Invalid. */
export function refuseUnsafe({
  ignoreStoreReadErrorWithClusterBreakingPotential: ignore,
}: DeleteOptions): void {
  if (!ignore) return;
  const detail = 'is not allowed with DELETECOLLECTION, try again after removing the option';
  check('DeleteOptions', [invalid(UNSAFE_DELETION, true, detail)]);
}
