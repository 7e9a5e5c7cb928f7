/** Validates the fields of each version of a definition, and those common to all versions. */

import { type DefinitionSpec, versionsOf } from '../../apis/apiextensions/definition.ts';
import type { CustomResourceDefinitionVersion } from '../../apis/apiextensions/v1/types.ts';
import { semanticDeepEqual } from '../../meta/deep-equal.ts';
import { type FieldError, forbidden, invalid } from '../../meta/field-error.ts';
import { FieldPath } from '../../meta/field-path.ts';
import { isDNS1035Label } from '../../meta/validation/names.ts';
import { appendAll } from '../../util/append-all.ts';
import type { Pieces } from '../../util/breathe.ts';
import { structuralError } from '../schema/structural.ts';
import type { DefinitionOptions } from './definition-options.ts';
import { internalJSON } from './internal-json.ts';
import type { SchemaTools } from './schema-tools.ts';
import { validateSelectableFields } from './selectable-fields-validation.ts';
import { validateColumn, validateSubresources } from './subresources-validation.ts';
import { validateDeprecationWarning, validateSchema } from './version-validation.ts';

const SPEC = FieldPath.of('spec');

type Version = CustomResourceDefinitionVersion;

const isSet = (value: unknown): boolean =>
  value !== undefined && value !== null && !(Array.isArray(value) && value.length === 0);

/** Fields that versions have either individually or in common. */
const PER_VERSION = [
  ['validation', 'schema', 'schemas'],
  ['subresources', 'subresources', 'subresources'],
  ['additionalPrinterColumns', 'additionalPrinterColumns', 'additionalPrinterColumns'],
  ['selectableFields', 'selectableFields', undefined],
] as const;

export class VersionsValidation {
  readonly #spec: DefinitionSpec;
  readonly #versions: readonly Version[];
  readonly #options: DefinitionOptions;
  readonly #tools: SchemaTools;
  /** Fields set at the top level, for all versions. */
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

  *validate(): Pieces<FieldError[]> {
    const path = SPEC.child('versions');
    const errors: FieldError[] = [];
    for (const [index, version] of this.#versions.entries()) {
      appendAll(errors, yield* this.#validateOne(version, path.index(index)));
    }
    return errors.concat(this.#exclusive(), this.#names(path));
  }

  *#validateOne(version: Version, path: FieldPath): Pieces<FieldError[]> {
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
    appendAll(
      errors,
      yield* this.#schema(own('schema'), path.child('schema'), { statusEnabled, version: name }),
      validateSubresources(own('subresources'), path.child('subresources')),
      (own('additionalPrinterColumns') ?? []).flatMap((column, index) =>
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
  ): Pieces<FieldError[]> {
    return validateSchema(validation, path, { options: this.#options, tools: this.#tools, ...more });
  }

  #selectableFields(version: Version, path: FieldPath, schemaPath: FieldPath): FieldError[] {
    // May be missing if it is common to all versions; it then has no fields.
    const schema = version.schema!.openAPIV3Schema ?? {};
    const error = structuralError(schema);
    if (error !== undefined) return [invalid(schemaPath, '', error)];
    const allowTooMany = this.#options.versionsWithTooManySelectableFields.has(version.name);
    return validateSelectableFields(version.selectableFields!, schema, path, { allowTooMany });
  }

  /** In v1beta1, a field must not be set both for all versions and for one. */
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
      versions.length === 0
        ? (this.#spec.versions ?? null)
        : versions.map((version) => {
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

  /** Validates the fields common to all versions. */
  *validateShared(): Pieces<FieldError[]> {
    const [first] = this.#versions;
    if (first === undefined) return [];
    const shared = this.#shared;
    const errors: FieldError[] = [];
    if (shared.has('schema')) {
      const statusEnabled = this.#versions.some(({ subresources }) => subresources?.status);
      const at = SPEC.child('validation');
      appendAll(errors, yield* this.#schema(first.schema, at, { statusEnabled, version: first.name }));
    }
    if (shared.has('subresources')) {
      appendAll(errors, validateSubresources(first.subresources, SPEC.child('subresources')));
    }
    if (shared.has('additionalPrinterColumns')) {
      const at = SPEC.child('additionalPrinterColumns');
      const columns = first.additionalPrinterColumns ?? [];
      appendAll(
        errors,
        columns.flatMap((column, index) => validateColumn(column, at.index(index))),
      );
    }
    if (shared.has('selectableFields')) {
      const at = SPEC.child('selectableFields');
      const missing = 'may only be set when validations.schema is included';
      if (!shared.has('schema')) errors.push(invalid(at, '', missing));
      else appendAll(errors, this.#selectableFields(first, at, SPEC.child('schema.openAPIV3Schema')));
    }
    return errors;
  }
}
