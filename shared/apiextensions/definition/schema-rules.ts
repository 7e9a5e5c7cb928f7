/**
 * Rules for single schema nodes (upstream's validation.go), as separate functions so that existing definitions can be
 * exempted from each.
 */

import type { JSONSchemaProps } from '../../apis/apiextensions/v1/types.ts';
import { type FieldError, forbidden, invalid, notSupported, required } from '../../meta/field-error.ts';
import { FieldPath } from '../../meta/field-path.ts';
import { appendAll } from '../../util/append-all.ts';
import { defaultOf, itemsListOf, itemsOf, propertyOf } from '../schema/json-schema-props.ts';

export const OPENAPI_TYPES: readonly string[] = ['array', 'boolean', 'integer', 'number', 'object', 'string'];

/** Items of a list of type set must be atomic. */
export function isNonAtomicSet(schema: JSONSchemaProps): boolean {
  const items = itemsOf(schema);
  if (schema['x-kubernetes-list-type'] !== 'set' || items === undefined) return false;
  const listType = items['x-kubernetes-list-type'];
  if (items.type === 'array') return listType !== undefined && listType !== 'atomic';
  return items.type === 'object' && items['x-kubernetes-map-type'] !== 'atomic';
}

function validateAtomicSet(schema: JSONSchemaProps, path: FieldPath): FieldError[] {
  if (!isNonAtomicSet(schema)) return [];
  const items = itemsOf(schema)!;
  const at = path.child('items');
  const name = items.type === 'array' ? 'x-kubernetes-list-type' : 'x-kubernetes-map-type';
  const detail = 'must be atomic as item of a list with x-kubernetes-list-type=set';
  return [invalid(at.child(name), items['x-kubernetes-list-type'] ?? null, detail)];
}

/** Items of sets and maps must not be null, and items of maps must have their keys. */
export function validateMapListKeysMapSet(schema: JSONSchemaProps, path: FieldPath): FieldError[] {
  const items = itemsOf(schema);
  const listType = schema['x-kubernetes-list-type'];
  if (items === undefined || (listType !== 'set' && listType !== 'map')) return [];
  const errors: FieldError[] = [];
  const at = path.child('items');
  if (items.nullable) {
    const detail = `cannot be nullable when x-kubernetes-list-type is ${listType}`;
    errors.push(forbidden(at.child('nullable'), detail));
  }
  if (listType === 'set') return errors;
  for (const key of schema['x-kubernetes-list-map-keys'] ?? []) {
    const property = propertyOf(items, key);
    if (property === undefined) continue;
    const here = at.child('properties').key(key);
    if (!items.required?.includes(key) && defaultOf(property) === undefined) {
      const detail =
        'this property is in x-kubernetes-list-map-keys, so it must have a default or be a required property';
      errors.push(required(here.child('default'), detail));
    }
    if (property.nullable) {
      const detail = 'this property is in x-kubernetes-list-map-keys, so it cannot be nullable';
      errors.push(forbidden(here.child('nullable'), detail));
    }
  }
  return errors;
}

const ANYWHERE = FieldPath.of('schema');

export const isInvalidMapOrSet = (schema: JSONSchemaProps): boolean =>
  validateMapListKeysMapSet(schema, ANYWHERE).length > 0;

function validateTypeFor(
  schema: JSONSchemaProps,
  path: FieldPath,
  { extension, type }: { extension: string; type: string },
): FieldError[] {
  if (schema.type === type) return [];
  const detail = `must be ${type} if ${extension} is specified`;
  const at = path.child('type');
  return [schema.type ? invalid(at, schema.type, detail) : required(at, detail)];
}

export function validateMapType(schema: JSONSchemaProps, path: FieldPath): FieldError[] {
  const extension = 'x-kubernetes-map-type';
  const mapType = schema[extension];
  if (mapType === undefined) return [];
  const errors = validateTypeFor(schema, path, { extension, type: 'object' });
  if (mapType !== 'atomic' && mapType !== 'granular') {
    errors.push(notSupported(path.child(extension), mapType, ['atomic', 'granular']));
  }
  return errors;
}

export function validateListType(
  schema: JSONSchemaProps,
  path: FieldPath,
  { requireAtomicSetType }: { requireAtomicSetType: boolean },
): FieldError[] {
  const extension = 'x-kubernetes-list-type';
  const listType = schema[extension];
  const keys = schema['x-kubernetes-list-map-keys'] ?? [];
  const errors: FieldError[] = [];
  if (listType !== undefined) {
    const typeErrors = validateTypeFor(schema, path, { extension, type: 'array' });
    appendAll(errors, typeErrors);
    if (typeErrors.length === 0 && requireAtomicSetType) appendAll(errors, validateAtomicSet(schema, path));
    if (!['atomic', 'set', 'map'].includes(listType)) {
      errors.push(notSupported(path.child(extension), listType, ['atomic', 'set', 'map']));
    }
  }
  if (keys.length > 0 && listType !== 'map') {
    const detail = 'must be map if x-kubernetes-list-map-keys is non-empty';
    const at = path.child(extension);
    errors.push(listType === undefined ? required(at, detail) : invalid(at, listType, detail));
  }
  return listType === 'map' ? errors.concat(validateMapList(schema, path, keys)) : errors;
}

function validateMapList(schema: JSONSchemaProps, path: FieldPath, keys: readonly string[]): FieldError[] {
  const errors: FieldError[] = [];
  const atKeys = path.child('x-kubernetes-list-map-keys');
  const atItems = path.child('items');
  if (keys.length === 0) {
    errors.push(required(atKeys, 'must not be empty if x-kubernetes-list-type is map'));
  }
  const items = itemsOf(schema);
  if (items === undefined) {
    const detail = 'must only have a single schema if x-kubernetes-list-type is map';
    errors.push(
      itemsListOf(schema).length > 0
        ? invalid(atItems, schema.items, detail)
        : required(atItems, 'must have a schema if x-kubernetes-list-type is map'),
    );
    return errors;
  }
  if (items.type !== 'object') {
    const detail = "must be object if parent array's x-kubernetes-list-type is map";
    return [...errors, invalid(atItems.child('type'), items.type ?? '', detail)];
  }
  const seen = new Set<string>();
  for (const key of keys) {
    const property = propertyOf(items, key);
    if (property === undefined) {
      errors.push(invalid(atKeys, keys, 'entries must all be names of item properties'));
    } else if (property.type === 'array' || property.type === 'object') {
      const detail = "must be a scalar type if parent array's x-kubernetes-list-type is map";
      errors.push(invalid(atItems.child('properties').key(key).child('type'), items.type, detail));
    }
    if (seen.has(key)) errors.push(invalid(atKeys, keys, 'must not contain duplicate entries'));
    seen.add(key);
  }
  return errors;
}

const NOT_SUPPORTED: readonly (readonly [string, (schema: JSONSchemaProps) => boolean])[] = [
  ['id', ({ id }) => Boolean(id)],
  ['additionalItems', ({ additionalItems }) => additionalItems != null],
  ['patternProperties', ({ patternProperties }) => Object.keys(patternProperties ?? {}).length > 0],
  ['definitions', ({ definitions }) => Object.keys(definitions ?? {}).length > 0],
  ['dependencies', ({ dependencies }) => dependencies != null],
  ['$ref', ({ $ref }) => $ref != null],
];

/** Rejects parts of OpenAPI v3 that custom resources don't support. */
export function validateSupported(schema: JSONSchemaProps, path: FieldPath): FieldError[] {
  const errors = NOT_SUPPORTED.filter(([, isSet]) => isSet(schema)).map(([name]) =>
    forbidden(path.child(name), `${name} is not supported`),
  );
  if (schema.type === 'null') {
    errors.push(forbidden(path.child('type'), 'type cannot be set to null, use nullable as an alternative'));
  }
  if (itemsListOf(schema).length > 0) {
    errors.push(forbidden(path.child('items'), 'items must be a schema object and not an array'));
  }
  return errors;
}
