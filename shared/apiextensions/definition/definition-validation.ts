/**
 * Validation of CustomResourceDefinitions, with upstream's messages. Paths are those of its internal form, in which
 * what all versions say alike is said once
 * (https://github.com/kubernetes/apiextensions-apiserver/blob/master/pkg/apis/apiextensions/validation/validation.go).
 */

import {
  API_APPROVED_ANNOTATION,
  type Definition,
  type DefinitionSpec,
  isProtectedCommunityGroup,
  versionsOf,
} from '../../apis/apiextensions/definition.ts';
import type { CustomResourceDefinitionVersion } from '../../apis/apiextensions/v1/types.ts';
import { semanticDeepEqual } from '../../meta/deep-equal.ts';
import { type FieldError, forbidden, invalid, notSupported, required } from '../../meta/field-error.ts';
import { FieldPath } from '../../meta/field-path.ts';
import { validateImmutableField } from '../../meta/validation/immutable.ts';
import { isDNS1035Label, isDNS1123Subdomain } from '../../meta/validation/names.ts';
import { schemaHas } from '../schema/json-schema-props.ts';
import { structuralError } from '../schema/structural.ts';
import { approvalState } from './api-approval.ts';
import { validateConversion } from './conversion-validation.ts';
import { createOptions, type DefinitionOptions, schemasOf, updateOptions } from './definition-options.ts';
import { internalJSON } from './internal-json.ts';
import { validateNames, validateRequiredNames } from './names-validation.ts';
import type { SchemaTools } from './schema-tools.ts';
import { validateSelectableFields } from './selectable-fields-validation.ts';
import { validateColumn, validateSubresources } from './subresources-validation.ts';
import { validateDeprecationWarning, validateSchema } from './version-validation.ts';

const SPEC = FieldPath.of('spec');
const STATUS = FieldPath.of('status');
const SCOPES = ['Cluster', 'Namespaced'];

/** `version`: of the API that the definition was sent in. Metadata is validated by the caller. */
export function validateDefinition(
  definition: Definition,
  version: string,
  tools: SchemaTools,
): FieldError[] {
  const options = createOptions(version);
  return [
    ...validateSpec(definition.spec, options, tools),
    ...validateStatus(definition),
    ...validateStoredVersions(definition),
    ...validateAPIApproval(definition, undefined),
    ...validatePreserveUnknownFields(definition, undefined, version),
  ];
}

export function validateDefinitionUpdate(
  definition: Definition,
  old: Definition,
  { version, tools }: { readonly version: string; readonly tools: SchemaTools },
): FieldError[] {
  const options = updateOptions(version, definition, old, tools);
  const [spec, oldSpec] = [definition.spec, old.spec];
  const names = SPEC.child('names');
  const errors = validateSpec(spec, options, tools);
  if (options.requireImmutableNames) {
    errors.push(
      ...validateImmutableField(spec.scope, oldSpec.scope, SPEC.child('scope')),
      ...validateImmutableField(spec.names.kind, oldSpec.names.kind, names.child('kind')),
    );
  }
  return [
    ...errors,
    ...validateImmutableField(spec.group, oldSpec.group, SPEC.child('group')),
    ...validateImmutableField(spec.names.plural, oldSpec.names.plural, names.child('plural')),
    ...validateStatus(definition),
    ...validateStoredVersions(definition),
    ...validateAPIApproval(definition, old),
    ...validatePreserveUnknownFields(definition, old, version),
  ];
}

/** What `/status` may set. */
export function validateStatus({ status }: Definition): FieldError[] {
  return validateNames(status.acceptedNames, STATUS.child('acceptedNames'));
}

function validateStoredVersions({ spec, status }: Definition): FieldError[] {
  const path = STATUS.child('storedVersions');
  const stored = status.storedVersions ?? [];
  if (stored.length === 0)
    return [invalid(path, status.storedVersions ?? null, 'must have at least one stored version')];
  const versions = versionsOf(spec);
  const errors = versions
    .filter(({ name, storage }) => storage && !stored.includes(name))
    .map(({ name }) => invalid(path, stored, `must have the storage version ${name}`));
  for (const [index, name] of stored.entries()) {
    if (versions.some((version) => version.name === name)) continue;
    const detail = `missing from spec.versions; ${name} was previously a storage version, and must remain in spec.versions until a storage migration ensures no data remains persisted in ${name} and removes ${name} from status.storedVersions`;
    errors.push(invalid(path.index(index), name, detail));
  }
  return errors;
}

/** An approval that hasn't changed is never held against a definition. */
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

/** Some features need a structural schema whatever the API version. */
function needsStructuralSchema(spec: DefinitionSpec, hasDefaults: boolean): boolean {
  if (!spec.preserveUnknownFields || hasDefaults) return true;
  return schemasOf(spec).some((schema) =>
    schemaHas(schema, (inner) => KUBERNETES_EXTENSIONS.some((extension) => inner[extension])),
  );
}

function validateSpec(spec: DefinitionSpec, given: DefinitionOptions, tools: SchemaTools): FieldError[] {
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
    versions.validate(),
    validateRequiredNames(spec.names, names),
    validateNames(spec.names, names),
    versions.validateShared(),
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

type Version = CustomResourceDefinitionVersion;

const isSet = (value: unknown): boolean =>
  value !== undefined && value !== null && !(Array.isArray(value) && value.length === 0);

/** What versions may say each, or once for all. */
const PER_VERSION = [
  ['validation', 'schema', 'schemas'],
  ['subresources', 'subresources', 'subresources'],
  ['additionalPrinterColumns', 'additionalPrinterColumns', 'additionalPrinterColumns'],
  ['selectableFields', 'selectableFields', undefined],
] as const;

class VersionsValidation {
  readonly #spec: DefinitionSpec;
  readonly #versions: readonly Version[];
  readonly #options: DefinitionOptions;
  readonly #tools: SchemaTools;
  /** Fields that stand at the top, for all versions. */
  readonly #shared: ReadonlySet<string>;

  constructor(spec: DefinitionSpec, options: DefinitionOptions, tools: SchemaTools) {
    this.#spec = spec;
    this.#versions = versionsOf(spec);
    this.#options = options;
    this.#tools = tools;
    const [first, ...others] = this.#versions;
    this.#shared = new Set(
      PER_VERSION.map(([, one]) => one).filter(
        (one) =>
          first !== undefined &&
          isSet(first[one]) &&
          others.every((version) => semanticDeepEqual(version[one], first[one])),
      ),
    );
  }

  validate(): FieldError[] {
    const path = SPEC.child('versions');
    return [
      ...this.#versions.flatMap((version, index) => this.#validateOne(version, path.index(index))),
      ...this.#exclusive(),
      ...this.#names(path),
    ];
  }

  #validateOne(version: Version, path: FieldPath): FieldError[] {
    const { name, deprecated, deprecationWarning } = version;
    const errors: FieldError[] = [];
    const texts = isDNS1035Label(name);
    if (texts.length > 0) errors.push(invalid(path.child('name'), name, texts.join(',')));
    for (const text of validateDeprecationWarning(deprecated, deprecationWarning)) {
      errors.push(invalid(path.child('deprecationWarning'), deprecationWarning, text));
    }
    const own = <K extends 'schema' | 'subresources' | 'additionalPrinterColumns' | 'selectableFields'>(
      key: K,
    ) => (this.#shared.has(key) ? undefined : version[key]);
    const statusEnabled = Boolean(version.subresources?.status);
    errors.push(
      ...this.#schema(own('schema'), path.child('schema'), { statusEnabled, version: name }),
      ...validateSubresources(own('subresources'), path.child('subresources')),
      ...(own('additionalPrinterColumns') ?? []).flatMap((column, index) =>
        validateColumn(column, path.child('additionalPrinterColumns').index(index)),
      ),
    );
    const fields = own('selectableFields') ?? [];
    if (fields.length === 0) return errors;
    const schema = own('schema')?.openAPIV3Schema;
    const at = path.child('selectableFields');
    if (schema === undefined) {
      const detail = 'may only be set when `version.schema.openAPIV3Schema` is not included';
      return [...errors, invalid(at, '', detail)];
    }
    return errors.concat(this.#selectableFields(version, at, path.child('schema.openAPIV3Schema')));
  }

  #schema(
    validation: Version['schema'],
    path: FieldPath,
    more: { readonly statusEnabled: boolean; readonly version: string },
  ): FieldError[] {
    return validateSchema(validation, path, { options: this.#options, tools: this.#tools, ...more });
  }

  #selectableFields(version: Version, path: FieldPath, schemaPath: FieldPath): FieldError[] {
    // Of a definition for all versions, it may be missing: it has no fields then.
    const schema = version.schema!.openAPIV3Schema ?? {};
    const error = structuralError(schema);
    if (error !== undefined) return [invalid(schemaPath, '', error)];
    const allowTooMany = this.#options.versionsWithTooManySelectableFields.has(version.name);
    return validateSelectableFields(version.selectableFields!, schema, path, { allowTooMany });
  }

  /** Of v1beta1: what is said for all versions isn't said by one. */
  #exclusive(): FieldError[] {
    return PER_VERSION.flatMap(([all, one, noun]) => {
      if (noun === undefined || !isSet(this.#spec[all])) return [];
      if (!this.#versions.some((version) => isSet(version[one]))) return [];
      return [forbidden(SPEC.child(all), `top-level and per-version ${noun} are mutually exclusive`)];
    });
  }

  #names(path: FieldPath): FieldError[] {
    const errors: FieldError[] = [];
    const versions = this.#versions;
    const shown = (): unknown =>
      versions.map((version) => {
        const own = { ...version };
        for (const key of this.#shared) delete own[key as 'schema'];
        return internalJSON('CustomResourceDefinitionVersion', own);
      });
    if (new Set(versions.map(({ name }) => name)).size < versions.length) {
      errors.push(invalid(path, shown(), 'must contain unique version names'));
    }
    if (versions.filter(({ storage }) => storage).length !== 1) {
      errors.push(invalid(path, shown(), 'must have exactly one version marked as storage version'));
    }
    const version = this.#spec.version ?? versions[0]?.name ?? '';
    if (version === '') return errors;
    const texts = isDNS1035Label(version);
    const at = SPEC.child('version');
    if (texts.length > 0) errors.push(invalid(at, version, texts.join(',')));
    if (versions.length > 0 && versions[0]!.name !== version) {
      errors.push(invalid(at, version, 'must match the first version in spec.versions'));
    }
    return errors;
  }

  /** What all versions say alike. */
  validateShared(): FieldError[] {
    const [first] = this.#versions;
    if (first === undefined) return [];
    const shared = this.#shared;
    const errors: FieldError[] = [];
    if (shared.has('schema')) {
      const statusEnabled = this.#versions.some(({ subresources }) => subresources?.status);
      const at = SPEC.child('validation');
      errors.push(...this.#schema(first.schema, at, { statusEnabled, version: first.name }));
    }
    if (shared.has('subresources')) {
      errors.push(...validateSubresources(first.subresources, SPEC.child('subresources')));
    }
    if (shared.has('additionalPrinterColumns')) {
      const at = SPEC.child('additionalPrinterColumns');
      const columns = first.additionalPrinterColumns ?? [];
      errors.push(...columns.flatMap((column, index) => validateColumn(column, at.index(index))));
    }
    if (shared.has('selectableFields')) {
      const at = SPEC.child('selectableFields');
      const missing = 'may only be set when validations.schema is included';
      if (!shared.has('schema')) errors.push(invalid(at, '', missing));
      else errors.push(...this.#selectableFields(first, at, SPEC.child('schema.openAPIV3Schema')));
    }
    return errors;
  }
}
