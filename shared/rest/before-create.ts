/** Steps common to all creations (https://github.com/kubernetes/apiserver/blob/master/pkg/registry/rest/create.go). */

import { type FieldError, invalid } from '../meta/field-error.ts';
import { FieldPath } from '../meta/field-path.ts';
import type { KubeObject } from '../meta/kube-object.ts';
import { isAlreadyExists, newGenerateNameConflict } from '../meta/status-error.ts';
import { isPathSegmentName } from '../meta/validation/names.ts';
import { validateObjectMeta } from '../meta/validation/object-meta.ts';
import type { RequestContext } from '../request/request-context.ts';
import type { GroupResource } from '../runtime/group-version.ts';
import { appendAll } from '../util/append-all.ts';
import { breathe } from '../util/breathe.ts';
import { declaredErrors, invalidObject, reportedByGates } from './invalid-object.ts';
import { ensureNamespaceMatches } from './metadata.ts';
import type { RESTStrategy } from './strategy.ts';

const METADATA = FieldPath.of('metadata');

/**
 * Prepares, validates and canonicalizes an object to be created, whose name and system fields are already set. Throws
 * Invalid with all errors, and BadRequest if its namespace differs from the request's.
 */
export async function beforeCreate<T extends KubeObject>(
  strategy: RESTStrategy<T>,
  context: RequestContext,
  object: T,
): Promise<void> {
  const { metadata } = object;
  ensureNamespaceMatches(strategy.namespaced ? context.requestInfo.namespace : '', metadata);
  strategy.dropDisabledFields?.(context, object, undefined);
  await strategy.prepareForCreate?.(context, object);
  await breathe();
  const errors = await validateCreate(strategy, context, object);
  await breathe();
  if (errors.length > 0) throw await invalidObject(strategy, context, object, errors);
  const warnings = (await strategy.warningsOnCreate?.(context, object)) ?? [];
  for (const warning of warnings) context.addWarning(warning);
  strategy.canonicalize?.(object);
}

async function validateCreate<T extends KubeObject>(
  strategy: RESTStrategy<T>,
  context: RequestContext,
  object: T,
): Promise<FieldError[]> {
  const { namespaced, validateName } = strategy;
  const ofMetadata = () => validateObjectMeta(object.metadata, { namespaced, validateName }, METADATA);
  const errors = strategy.validatesMetadata === false ? [] : ofMetadata();
  await breathe();
  appendAll(errors, reportedByGates(context, (await strategy.validate?.(context, object)) ?? []));
  appendAll(errors, await declaredErrors(strategy, context, object));
  if (errors.length === 0 && strategy.validatesMetadata === false) appendAll(errors, ofMetadata());
  if (errors.length > 0) return errors;
  const name = object.metadata.name ?? '';
  return isPathSegmentName(name).map((text) => invalid(METADATA.child('name'), name, text));
}

/** Rewrites AlreadyExists for a generated name so that it asks the client to retry and names the kind's own group. */
export function checkGeneratedNameError<T extends KubeObject>(
  error: unknown,
  { kind }: RESTStrategy<T>,
  { resource }: GroupResource,
  object: KubeObject,
): unknown {
  if (!object.metadata.generateName || !isAlreadyExists(error)) return error;
  return newGenerateNameConflict({ group: kind.group, resource }, object.metadata.name ?? '', 1);
}
