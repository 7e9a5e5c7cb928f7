/**
 * https://github.com/kubernetes/apiextensions-apiserver/blob/master/pkg/registry/customresource/strategy.go and
 * status_strategy.go, for one version of a definition.
 */

import { type FieldError, formatFieldError } from '../../../meta/field-error.ts';
import type { UnstructuredObject } from '../../../meta/kube-object.ts';

import { nextGeneration } from '../../../meta/next-generation.ts';
import { isQualifiedName, nameIsDNSSubdomain } from '../../../meta/validation/names.ts';
import type { RequestContext } from '../../../request/request-context.ts';
import type { RESTStrategy } from '../../../rest/strategy.ts';
import { quote } from '../../../runtime/go-format.ts';
import { formatGroupVersion, type GroupVersionKind, gvkOf } from '../../../runtime/group-version.ts';
import { deepCopy, deepCopyInPieces } from '../../../util/deep-copy.ts';
import { setOwn } from '../../../util/json.ts';
import { equalJSON } from '../../../util/json-equal.ts';
import type { CustomResourceValidator, ValidationOutcome } from './custom-resource-validator.ts';

export interface CustomResourceStrategyOptions {
  readonly kind: GroupVersionKind;
  readonly namespaced: boolean;
  readonly hasStatus: boolean;
  readonly validator: CustomResourceValidator;
  /** Removes fields unknown to the object's version, in place. */
  prune(object: UnstructuredObject): void;
}

export function customResourceStrategy(
  options: CustomResourceStrategyOptions,
): RESTStrategy<UnstructuredObject> {
  const { kind, namespaced, hasStatus, validator, prune } = options;
  return {
    kind,
    kindOf: gvkOf,
    repeatsErrors: true,
    namespaced,
    validateName: nameIsDNSSubdomain,
    allowUnconditionalUpdate: false,
    resetFields: hasStatus ? { [formatGroupVersion(kind)]: [['status']] } : {},

    prepareForCreate(_context, object) {
      if (hasStatus) delete object['status'];
      object.metadata.generation = 1;
    },
    validate: async (_context, object) => (await validator.validate(object)).errors,
    warningsOnCreate: (_context, object) => finalizerWarnings(object, []),

    prepareForUpdate(_context, object, old) {
      if (hasStatus) {
        delete object['status'];
        if (Object.hasOwn(old, 'status')) object['status'] = deepCopy(old['status']);
      }
      const { metadata, ...fields } = object;
      const { metadata: oldMetadata, ...oldFields } = old;
      if (!equalJSON(fields, oldFields)) metadata.generation = nextGeneration(oldMetadata.generation);
    },
    validateUpdate: async (context, object, old) =>
      errorsOf(context, await validator.validateUpdate(object, old)),
    warningsOnUpdate: (_context, object, old) => finalizerWarnings(object, old.metadata.finalizers ?? []),
    // A merge may keep unknown fields of an object without properties. Upstream stores them but drops them on read.
    canonicalize: prune,
  };
}

/** Updates the status only. `statusVersions` are the versions that have one. */
export function customResourceStatusStrategy(
  { kind, namespaced, validator, prune }: CustomResourceStrategyOptions,
  statusVersions: readonly string[],
): RESTStrategy<UnstructuredObject> {
  const versions = statusVersions.map((version) => formatGroupVersion({ group: kind.group, version }));
  return {
    kind,
    kindOf: gvkOf,
    repeatsErrors: true,
    namespaced,
    validateName: nameIsDNSSubdomain,
    allowUnconditionalUpdate: false,
    resetFields: Object.fromEntries(versions.map((version) => [version, [['metadata'], ['spec']]])),

    async prepareForUpdate(_context, object, old) {
      const { metadata, status } = object;
      const { managedFields } = metadata;
      const hasStatus = Object.hasOwn(object, 'status');
      const { metadata: oldMetadata, ...oldFields } = await deepCopyInPieces(old);
      replaceFields(metadata, oldMetadata);
      if (managedFields === undefined) delete metadata.managedFields;
      else metadata.managedFields = managedFields;
      replaceFields(object, { ...oldFields, metadata });
      if (hasStatus) object['status'] = status;
      else delete object['status'];
    },
    validateUpdate: async (context, object, old) =>
      errorsOf(context, await validator.validateStatusUpdate(object, old)),
    canonicalize: prune,
  };
}

/** Replaces all fields in place, because other code holds references to the object. */
function replaceFields(object: object, fields: object): void {
  for (const key of Object.keys(object)) delete (object as Record<string, unknown>)[key];
  for (const [key, value] of Object.entries(fields)) setOwn(object as Record<string, unknown>, key, value);
}

function errorsOf(context: RequestContext, { errors, warnings }: ValidationOutcome): FieldError[] {
  for (const warning of warnings) context.addWarning(formatFieldError(warning));
  return errors;
}

const STANDARD_FINALIZERS: readonly string[] = ['orphan', 'foregroundDeletion', 'kubernetes'];

/** Warns about new finalizers whose names may collide with those of others. */
function finalizerWarnings({ metadata }: UnstructuredObject, old: readonly string[]): string[] {
  const had = new Set(old);
  const added = new Set((metadata.finalizers ?? []).filter((finalizer) => !had.has(finalizer)));
  return [...added].sort().flatMap((finalizer) => {
    const about = `metadata.finalizers: ${quote(finalizer)}: `;
    const warnings = isQualifiedName(finalizer).map((text) => `${about}${text}`);
    if (finalizer.includes('/') || STANDARD_FINALIZERS.includes(finalizer)) return warnings;
    const path = finalizer.includes('.') ? ' including a path (/)' : '';
    const advice = `prefer a domain-qualified finalizer name${path} to avoid accidental conflicts with other finalizer writers`;
    return [...warnings, `${about}${advice}`];
  });
}
