/**
 * Validates that a schema is structural: every field it validates is specified outside of value validations
 * (https://github.com/kubernetes/apiextensions-apiserver/blob/master/pkg/apiserver/schema/validation.go, complete.go).
 */

import type { JSONSchemaProps } from '../../apis/apiextensions/v1/types.ts';
import { type FieldError, forbidden, formatFieldError, invalid, required } from '../../meta/field-error.ts';
import type { FieldPath } from '../../meta/field-path.ts';
import { type Pieces, shouldYield } from '../../util/breathe.ts';
import { equalJSON } from '../../util/json-equal.ts';
import type { RegexpFactory } from '../../util/regexp.ts';
import { additionalPropertiesOf, defaultOf, itemsOf, propertiesOf, propertyOf } from './json-schema-props.ts';

type Level = 'root' | 'item' | 'field';

const NO_TYPE: Readonly<Record<Level, string>> = {
  root: 'must not be empty at the root',
  item: 'must not be empty for specified array items',
  field: 'must not be empty for specified object fields',
};

/** Requires a schema for which `structuralError` returned undefined. Errors are sorted by text. */
export function* validateStructural(
  path: FieldPath,
  schema: JSONSchemaProps,
  regexp: RegexpFactory,
): Pieces<FieldError[]> {
  const checker = new StructuralChecker(regexp);
  yield* checker.invariants(schema, 'root', path);
  yield* checker.completeness(schema, schema, { structural: path, validation: path });
  const text = new Map(checker.errors.map((error) => [error, formatFieldError(error)]));
  return checker.errors.sort((a, b) =>
    text.get(a)! < text.get(b)! ? -1 : text.get(a)! > text.get(b)! ? 1 : 0,
  );
}

const isIntegerThenString = (anyOf: readonly JSONSchemaProps[] | undefined): boolean =>
  anyOf?.length === 2 && equalJSON(anyOf, [{ type: 'integer' }, { type: 'string' }]);

/** `anyOf: [{type: integer}, {type: string}]`, which int-or-string fields may have. */
const isIntOrStringAnyOf = (schema: JSONSchemaProps): boolean => isIntegerThenString(schema.anyOf);

/** The same inside the first element of `allOf`. */
const isIntOrStringAllOf = (schema: JSONSchemaProps): boolean =>
  isIntegerThenString(schema.allOf?.[0]?.anyOf);

/** Keywords forbidden in nested value validations, because they would define structure. */
const FORBIDDEN_NESTED: readonly (readonly [string, string, (schema: JSONSchemaProps) => unknown])[] = [
  ['default', 'must be undefined to be structural', defaultOf],
  ['title', 'must be empty to be structural', ({ title }) => title],
  ['description', 'must be empty to be structural', ({ description }) => description],
  ['nullable', 'must be false to be structural', ({ nullable }) => nullable],
  [
    'x-kubernetes-preserve-unknown-fields',
    'must be false to be structural',
    (schema) => schema['x-kubernetes-preserve-unknown-fields'],
  ],
  [
    'x-kubernetes-embedded-resource',
    'must be false to be structural',
    (schema) => schema['x-kubernetes-embedded-resource'],
  ],
  [
    'x-kubernetes-int-or-string',
    'must be false to be structural',
    (schema) => schema['x-kubernetes-int-or-string'],
  ],
  [
    'x-kubernetes-list-map-keys',
    'must be empty to be structural',
    (schema) => schema['x-kubernetes-list-map-keys']?.length,
  ],
  [
    'x-kubernetes-list-type',
    'must be undefined to be structural',
    (schema) => schema['x-kubernetes-list-type'] != null,
  ],
  [
    'x-kubernetes-map-type',
    'must be undefined to be structural',
    (schema) => schema['x-kubernetes-map-type'] != null,
  ],
  [
    'x-kubernetes-validations',
    'must be empty to be structural',
    (schema) => schema['x-kubernetes-validations']?.length,
  ],
];

/** Metadata at the root may only restrict name and generateName. */
function restrictsOnlyNames(metadata: JSONSchemaProps): boolean {
  const { type: _, default: __, properties, ...rest } = metadata;
  const names = Object.keys(properties ?? {});
  if (names.length > 0 && !names.every((name) => name === 'name' || name === 'generateName')) return false;
  return Object.values(rest).every(
    (value) =>
      value === undefined ||
      value === null ||
      value === '' ||
      value === false ||
      (Array.isArray(value) && value.length === 0),
  );
}

class StructuralChecker {
  readonly errors: FieldError[] = [];
  readonly #regexp: RegexpFactory;

  constructor(regexp: RegexpFactory) {
    this.#regexp = regexp;
  }

  *invariants(schema: JSONSchemaProps, level: Level, path: FieldPath): Pieces<void> {
    const { errors } = this;
    if (shouldYield()) yield;
    const items = itemsOf(schema);
    if (schema.type === 'array' && items === undefined) {
      errors.push(required(path.child('items'), 'must be specified'));
    }
    if (items !== undefined) yield* this.invariants(items, 'item', path.child('items'));
    for (const [name, property] of propertiesOf(schema)) {
      yield* this.invariants(property, 'field', path.child('properties').key(name));
    }
    const additional = additionalPropertiesOf(schema);
    if (additional !== undefined && level === 'root') {
      errors.push(forbidden(path.child('additionalProperties'), 'must not be used at the root'));
    }
    if (typeof additional === 'object')
      yield* this.invariants(additional, 'field', path.child('additionalProperties'));
    this.#extensions(schema, path);
    yield* this.#values(schema, { intOrString: true, path });
    this.#type(schema, level, path);
    this.#metadata(schema, level, path);
  }

  #extensions(schema: JSONSchemaProps, path: FieldPath): void {
    if (!schema['x-kubernetes-int-or-string']) return;
    for (const name of ['x-kubernetes-preserve-unknown-fields', 'x-kubernetes-embedded-resource'] as const) {
      if (schema[name]) {
        this.errors.push(
          invalid(path.child(name), true, 'must be false if x-kubernetes-int-or-string is true'),
        );
      }
    }
  }

  #type(schema: JSONSchemaProps, level: Level, path: FieldPath): void {
    const { errors } = this;
    const { type = '' } = schema;
    const at = path.child('type');
    const embedded = schema['x-kubernetes-embedded-resource'] === true;
    if (embedded && type !== 'object') {
      const detail = 'must be object if x-kubernetes-embedded-resource is true';
      errors.push(type === '' ? required(at, detail) : invalid(at, type, detail));
    } else if (
      type === '' &&
      !schema['x-kubernetes-int-or-string'] &&
      !schema['x-kubernetes-preserve-unknown-fields']
    ) {
      errors.push(required(at, NO_TYPE[level]));
    }
    if (embedded && additionalPropertiesOf(schema) !== undefined) {
      const detail = 'must not be used if x-kubernetes-embedded-resource is set';
      errors.push(forbidden(path.child('additionalProperties'), detail));
    }
    if (level === 'root' && type !== '' && type !== 'object') {
      errors.push(invalid(at, type, 'must be object at the root'));
    }
  }

  #metadata(schema: JSONSchemaProps, level: Level, path: FieldPath): void {
    const { errors } = this;
    const properties = path.child('properties');
    const embedded = schema['x-kubernetes-embedded-resource'] === true;
    const isResource = level === 'root' || embedded;
    for (const name of ['kind', 'apiVersion']) {
      const type = propertyOf(schema, name)?.type ?? '';
      if (isResource && propertyOf(schema, name) !== undefined && type !== 'string') {
        errors.push(invalid(properties.key(name).child('type'), type, 'must be string'));
      }
    }
    const metadata = propertyOf(schema, 'metadata');
    if (metadata !== undefined) {
      const at = properties.key('metadata');
      if (isResource && metadata.type !== 'object') {
        errors.push(invalid(at.child('type'), metadata.type ?? '', 'must be object'));
      }
      if (level === 'root' && !restrictsOnlyNames(metadata)) {
        const detail =
          'must not specify anything other than name and generateName, but metadata is implicitly specified';
        errors.push(forbidden(at, detail));
      }
    }
    if (
      embedded &&
      !schema['x-kubernetes-preserve-unknown-fields'] &&
      Object.keys(schema.properties ?? {}).length === 0
    ) {
      const detail =
        'must not be empty if x-kubernetes-embedded-resource is true without x-kubernetes-preserve-unknown-fields';
      errors.push(required(properties, detail));
    }
  }

  /** `intOrString` permits the two forms above. */
  *#values(schema: JSONSchemaProps, at: { intOrString: boolean; path: FieldPath }): Pieces<void> {
    const { path } = at;
    const skipAnyOf = at.intOrString && isIntOrStringAnyOf(schema);
    const skipInFirst = at.intOrString && isIntOrStringAllOf(schema);
    if (!skipAnyOf) {
      for (const [index, nested] of (schema.anyOf ?? []).entries()) {
        yield* this.#nested(nested, path.child('anyOf').index(index));
      }
    }
    for (const [index, nested] of (schema.allOf ?? []).entries()) {
      yield* this.#nested(nested, path.child('allOf').index(index), skipInFirst && index === 0);
    }
    for (const [index, nested] of (schema.oneOf ?? []).entries()) {
      yield* this.#nested(nested, path.child('oneOf').index(index));
    }
    if (schema.not) yield* this.#nested(schema.not, path.child('not'));
    if (schema.pattern) {
      const error = this.#regexp(schema.pattern).syntaxError();
      // Compiling a regular expression may take long.
      yield;
      if (error !== undefined) {
        const detail = `must be a valid regular expression, but isn't: ${error}`;
        this.errors.push(invalid(path.child('pattern'), schema.pattern, detail));
      }
    }
  }

  *#nested(schema: JSONSchemaProps, path: FieldPath, skipAnyOf = false): Pieces<void> {
    const { errors } = this;
    if (shouldYield()) yield;
    const { anyOf: _, ...withoutAnyOf } = schema;
    yield* this.#values(skipAnyOf ? withoutAnyOf : schema, { intOrString: false, path });
    const items = itemsOf(schema);
    if (items !== undefined) yield* this.#nested(items, path.child('items'));
    for (const [name, property] of propertiesOf(schema)) {
      yield* this.#nested(property, path.child('properties').key(name));
    }
    if (schema.type) errors.push(forbidden(path.child('type'), 'must be empty to be structural'));
    const additional = additionalPropertiesOf(schema);
    if (additional !== undefined && additional !== false) {
      errors.push(forbidden(path.child('additionalProperties'), 'must be undefined to be structural'));
    }
    for (const [name, detail, isSet] of FORBIDDEN_NESTED) {
      const value = isSet(schema);
      if (value !== undefined && value !== '' && value !== false && value !== 0) {
        errors.push(forbidden(path.child(name), detail));
      }
    }
    if (propertyOf(schema, 'metadata') !== undefined) {
      const at = path.child('properties').key('metadata');
      errors.push(forbidden(at, 'must not be specified in a nested context'));
    }
  }

  /**
   * Checks that all properties and items validated in the root's junctors are specified. Like upstream, doesn't look
   * deeper.
   */
  *completeness(
    validation: JSONSchemaProps,
    structural: JSONSchemaProps,
    paths: { structural: FieldPath; validation: FieldPath },
  ): Pieces<void> {
    const nested = (schema: JSONSchemaProps, path: FieldPath): Pieces<void> =>
      this.#nestedCompleteness(schema, structural, { structural: paths.structural, validation: path });
    const at = paths.validation;
    if (validation.not) yield* nested(validation.not, at.child('not'));
    for (const junctor of ['allOf', 'anyOf', 'oneOf'] as const) {
      for (const [index, schema] of (validation[junctor] ?? []).entries()) {
        yield* nested(schema, at.child(junctor).index(index));
      }
    }
  }

  *#nestedCompleteness(
    validation: JSONSchemaProps,
    structural: JSONSchemaProps | undefined,
    paths: { structural: FieldPath; validation: FieldPath },
  ): Pieces<void> {
    if (structural === undefined) {
      this.errors.push(required(paths.structural, `because it is defined in ${paths.validation}`));
      return;
    }
    yield* this.completeness(validation, structural, paths);
    const items = itemsOf(validation);
    if (items !== undefined) {
      yield* this.#nestedCompleteness(items, itemsOf(structural), {
        structural: paths.structural.child('items'),
        validation: paths.validation.child('items'),
      });
    }
    for (const [name, property] of propertiesOf(validation)) {
      yield* this.#nestedCompleteness(property, propertyOf(structural, name), {
        structural: paths.structural.child('properties').key(name),
        validation: paths.validation.child('properties').key(name),
      });
    }
  }
}
