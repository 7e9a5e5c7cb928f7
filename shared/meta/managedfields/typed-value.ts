/**
 * Determines the form of values by their schema, and the names of their parts
 * (https://github.com/kubernetes-sigs/structured-merge-diff/blob/master/typed/helpers.go).
 */

import { zeroValue } from '../../runtime/serializer/field-presence.ts';
import type { ListSchema, TypeSchema, UntypedSchema } from '../../runtime/type-schema.ts';
import { fieldNameOf, isFieldElement, keyElement, type PathElement, valueElement } from './path-element.ts';

/** A value doesn't match its schema or can't be merged. The message contains the path: `.spec.x: ...`. */
export class TypedValueError extends Error {
  override readonly name = 'TypedValueError';
}

export type JSONRecord = Record<string, unknown>;

export const isRecord = (value: unknown): value is JSONRecord =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The schema of unknown values: maps merge by key, lists are replaced. */
export const DEDUCED: TypeSchema = { kind: 'untyped', type: 'any' };

/**
 * The treatment of a value under its schema: a `leaf` is replaced as a whole, a `map` has parts, a `list` has parts
 * with names.
 */
export type Form = 'leaf' | 'map' | 'list';

export function formOf(schema: TypeSchema, value: unknown): Form {
  switch (schema.kind) {
    case 'struct':
    case 'map':
      return schema.atomic ? 'leaf' : 'map';
    case 'list':
      return schema.listType === 'atomic' ? 'leaf' : 'list';
    case 'untyped':
      // Null is valid in any form and counts as a map.
      return isDeduced(schema) && (isRecord(value) || value === null) ? 'map' : 'leaf';
    case 'scalar':
      return 'leaf';
  }
}

/** Excludes raw extensions, which are replaced as a whole. */
const isDeduced = ({ type }: UntypedSchema): boolean => type === 'any' || type === 'json';

/** The schema of a part of a map; undefined for a field that a struct doesn't have. */
export function fieldSchemaOf(schema: TypeSchema, key: string): TypeSchema | undefined {
  switch (schema.kind) {
    case 'struct':
      return schema.fields.get(key)?.schema ?? (schema.preserveUnknownFields ? DEDUCED : undefined);
    case 'map':
      return schema.element;
    case 'untyped':
      return isDeduced(schema) ? DEDUCED : undefined;
    default:
      return undefined;
  }
}

/** The schema below a path element, if known. */
export function childSchema(schema: TypeSchema | undefined, element: PathElement): TypeSchema | undefined {
  if (schema === undefined) return undefined;
  if (isFieldElement(element)) return fieldSchemaOf(schema, fieldNameOf(element));
  return schema.kind === 'list' ? schema.element : undefined;
}

/** The name of an item in a list of `listType` set or map. Throws `TypedValueError` without a path. */
export function itemElement(schema: ListSchema, item: unknown): PathElement {
  return schema.listType === 'map' ? keyedItemElement(schema, item) : setItemElement(item);
}

/** Like `itemElement`; undefined for an item without a name. */
export function elementOf(schema: ListSchema, item: unknown): PathElement | undefined {
  try {
    return itemElement(schema, item);
  } catch (error) {
    if (error instanceof TypedValueError) return undefined;
    throw error;
  }
}

function keyedItemElement(schema: ListSchema, item: unknown): PathElement {
  if (item === null || item === undefined) {
    throw new TypedValueError('associative list with keys may not have a null element');
  }
  if (!isRecord(item)) throw new TypedValueError('associative list with keys may not have non-map elements');
  const keys: [string, unknown][] = [];
  for (const name of schema.listMapKeys) {
    const value = Object.hasOwn(item, name) ? item[name] : keyDefault(schema, name);
    if (value !== undefined) keys.push([name, value]);
  }
  if (keys.length === 0) {
    const names = schema.listMapKeys.map((name) => JSON.stringify(name)).join(' ');
    throw new TypedValueError(
      `associative list with keys has an element that omits all key fields [${names}] (and doesn't have default values for any key fields)`,
    );
  }
  return keyElement(keys);
}

function keyDefault({ element }: ListSchema, name: string): unknown {
  const field = element.kind === 'struct' ? element.fields.get(name) : undefined;
  if (field === undefined || field.default !== undefined) return field?.default;
  // Fields that Go always encodes default to their zero value.
  return field.omitempty || field.pointer ? undefined : zeroValue(field.schema);
}

function setItemElement(item: unknown): PathElement {
  if (item === null || item === undefined) {
    throw new TypedValueError("associative list without keys has an element that's an explicit null");
  }
  if (Array.isArray(item))
    throw new TypedValueError('not supported: associative list with lists as elements');
  if (isRecord(item)) {
    throw new TypedValueError("associative list without keys has an element that's a map type");
  }
  return valueElement(item);
}

/** Whether a value is empty in this form: absent, null, empty, or of another form. */
export function isEmptyIn(form: 'map' | 'list', value: unknown): boolean {
  if (form === 'list') return asList(value).length === 0;
  for (const _ in asRecord(value)) return false;
  return true;
}

/** The distinct keys of both: those of the first, then those only in the second. */
export function keysOfBoth(first: JSONRecord, second: JSONRecord): string[] {
  const keys = Object.keys(first);
  for (const key of Object.keys(second)) if (!Object.hasOwn(first, key)) keys.push(key);
  return keys;
}

export const asRecord = (value: unknown): JSONRecord => (isRecord(value) ? value : {});
export const asList = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
