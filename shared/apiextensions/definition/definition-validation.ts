/**
 * Validates CustomResourceDefinitions, with upstream's messages. Paths are those of its internal form, which hoists
 * fields that are equal in all versions
 * (https://github.com/kubernetes/apiextensions-apiserver/blob/master/pkg/apis/apiextensions/validation/validation.go).
 */

import {
  API_APPROVED_ANNOTATION,
  type Definition,
  type DefinitionSpec,
  isProtectedCommunityGroup,
  versionsOf,
} from '../../apis/apiextensions/definition.ts';
import { type FieldError, invalid, notSupported, required } from '../../meta/field-error.ts';
import { FieldPath } from '../../meta/field-path.ts';
import { validateImmutableField } from '../../meta/validation/immutable.ts';
import { isDNS1123Subdomain } from '../../meta/validation/names.ts';
import { appendAll } from '../../util/append-all.ts';
import type { Pieces } from '../../util/breathe.ts';
import { schemaHas } from '../schema/json-schema-props.ts';
import { approvalState } from './api-approval.ts';
import { validateConversion } from './conversion-validation.ts';
import { createOptions, type DefinitionOptions, updateOptions } from './definition-options.ts';
import { schemasOf } from './definition-schemas.ts';
import { validateNames, validateRequiredNames } from './names-validation.ts';
import type { SchemaTools } from './schema-tools.ts';
import { VersionsValidation } from './versions-validation.ts';

const SPEC = FieldPath.of('spec');
const STATUS = FieldPath.of('status');
const SCOPES = ['Cluster', 'Namespaced'];

/** `version` is the API version in which the definition was sent. The caller validates metadata. */
export function* validateDefinition(
  definition: Definition,
  version: string,
  tools: SchemaTools,
): Pieces<FieldError[]> {
  const options = createOptions(version);
  return [
    ...(yield* validateSpec(definition.spec, options, tools)),
    ...validateStoredVersions(definition),
    ...validateAPIApproval(definition, undefined),
    ...validatePreserveUnknownFields(definition, undefined, version),
  ];
}

export function* validateDefinitionUpdate(
  definition: Definition,
  old: Definition,
  { version, tools }: { readonly version: string; readonly tools: SchemaTools },
): Pieces<FieldError[]> {
  const options = yield* updateOptions(version, definition, old, tools);
  const [spec, oldSpec] = [definition.spec, old.spec];
  const names = SPEC.child('names');
  const errors = yield* validateSpec(spec, options, tools);
  if (options.requireImmutableNames) {
    appendAll(
      errors,
      validateImmutableField(spec.scope, oldSpec.scope, SPEC.child('scope')),
      validateImmutableField(spec.names.kind, oldSpec.names.kind, names.child('kind')),
    );
  }
  return [
    ...errors,
    ...validateImmutableField(spec.group, oldSpec.group, SPEC.child('group')),
    ...validateImmutableField(spec.names.plural, oldSpec.names.plural, names.child('plural')),
    ...validateStatus(old),
    ...validateStoredVersions(definition),
    ...validateAPIApproval(definition, old),
    ...validatePreserveUnknownFields(definition, old, version),
  ];
}

/** Validates a write to `/status`. */
export function validateStatus({ status }: Definition): FieldError[] {
  return validateNames(status.acceptedNames, STATUS.child('acceptedNames'));
}

function validateStoredVersions({ spec, status }: Definition): FieldError[] {
  const path = STATUS.child('storedVersions');
  const stored = status.storedVersions ?? [];
  if (stored.length === 0)
    return [invalid(path, status.storedVersions ?? null, 'must have at least one stored version')];
  const versions = versionsOf(spec);
  const names = new Set(versions.map(({ name }) => name));
  const unseen = new Set(stored);
  const errors: FieldError[] = [];
  for (const { name, storage } of versions) {
    // If two versions have the same name, the second isn't stored.
    if (!unseen.delete(name) && storage)
      errors.push(invalid(path, stored, `must have the storage version ${name}`));
  }
  for (const [index, name] of stored.entries()) {
    if (names.has(name)) continue;
    const detail = `missing from spec.versions; ${name} was previously a storage version, and must remain in spec.versions until a storage migration ensures no data remains persisted in ${name} and removes ${name} from status.storedVersions`;
    errors.push(invalid(path.index(index), name, detail));
  }
  return errors;
}

/** An unchanged approval is never an error. */
function validateAPIApproval(definition: Definition, old: Definition | undefined): FieldError[] {
  if (!isProtectedCommunityGroup(definition.spec.group)) return [];
  const { annotations } = definition.metadata;
  const { state, reason } = approvalState(annotations);
  if (old !== undefined && approvalState(old.metadata.annotations).state === state) return [];
  const path = FieldPath.of('metadata', 'annotations').key(API_APPROVED_ANNOTATION);
  if (state === 'Missing') return [required(path, reason)];
  return state === 'Invalid' ? [invalid(path, annotations?.[API_APPROVED_ANNOTATION], reason)] : [];
}

function validatePreserveUnknownFields(
  { spec }: Definition,
  old: Definition | undefined,
  version: string,
): FieldError[] {
  if (!spec.preserveUnknownFields || old?.spec.preserveUnknownFields || version === 'v1beta1') return [];
  const detail =
    'cannot set to true, set x-kubernetes-preserve-unknown-fields to true in spec.versions[*].schema instead';
  return [invalid(SPEC.child('preserveUnknownFields'), true, detail)];
}

function validateGroup(group: string): FieldError[] {
  const path = SPEC.child('group');
  if (group === '') return [required(path, '')];
  const texts = isDNS1123Subdomain(group);
  if (texts.length > 0) return [invalid(path, group, texts.join(','))];
  return group.includes('.') ? [] : [invalid(path, group, 'should be a domain with at least one dot')];
}

function validateScope(scope: string): FieldError[] {
  const path = SPEC.child('scope');
  if (scope === '') return [required(path, '')];
  return SCOPES.includes(scope) ? [] : [notSupported(path, scope, SCOPES)];
}

const KUBERNETES_EXTENSIONS = [
  'x-kubernetes-embedded-resource',
  'x-kubernetes-preserve-unknown-fields',
  'x-kubernetes-int-or-string',
  'x-kubernetes-list-map-keys',
  'x-kubernetes-list-type',
  'x-kubernetes-validations',
] as const;

/** Some features require a structural schema in every API version. */
function needsStructuralSchema(spec: DefinitionSpec, hasDefaults: boolean): boolean {
  if (!spec.preserveUnknownFields || hasDefaults) return true;
  return schemasOf(spec).some((schema) =>
    schemaHas(schema, (inner) => KUBERNETES_EXTENSIONS.some((extension) => inner[extension])),
  );
}

function* validateSpec(
  spec: DefinitionSpec,
  given: DefinitionOptions,
  tools: SchemaTools,
): Pieces<FieldError[]> {
  const schemas = schemasOf(spec);
  const hasDefaults =
    given.allowDefaults && schemas.some((schema) => schemaHas(schema, (inner) => inner.default != null));
  const options = needsStructuralSchema(spec, hasDefaults)
    ? { ...given, requireStructuralSchema: true }
    : given;
  const errors = [
    ...validateGroup(spec.group),
    ...validateScope(spec.scope),
    ...validateSchemasPresent(spec, options),
  ];
  if (hasDefaults && spec.preserveUnknownFields) {
    const detail = 'must be false in order to use defaults in the schema';
    errors.push(invalid(SPEC.child('preserveUnknownFields'), true, detail));
  }
  const versions = new VersionsValidation(spec, options, tools);
  const names = SPEC.child('names');
  return errors.concat(
    yield* versions.validate(),
    validateRequiredNames(spec.names, names),
    validateNames(spec.names, names),
    yield* versions.validateShared(),
    validateSpecConversion(spec, options),
  );
}

function validateSchemasPresent(
  spec: DefinitionSpec,
  { requireOpenAPISchema }: DefinitionOptions,
): FieldError[] {
  if (spec.validation?.openAPIV3Schema) return [];
  return versionsOf(spec).flatMap(({ schema, served }, index) => {
    if (schema?.openAPIV3Schema) return [];
    const path = SPEC.child('versions').index(index).child('schema', 'openAPIV3Schema');
    if (requireOpenAPISchema) return [required(path, '')];
    if (spec.preserveUnknownFields || !served) return [];
    return [required(path, 'because otherwise all fields are pruned')];
  });
}

function validateSpecConversion(spec: DefinitionSpec, options: DefinitionOptions): FieldError[] {
  const { conversion } = spec;
  if (!conversion) return [];
  const path = SPEC.child('conversion');
  const errors = validateConversion(conversion, path, options);
  if (conversion.strategy === 'None' || !spec.preserveUnknownFields) return errors;
  const detail = 'must be None if spec.preserveUnknownFields is true';
  return [invalid(path.child('strategy'), conversion.strategy, detail), ...errors];
}
