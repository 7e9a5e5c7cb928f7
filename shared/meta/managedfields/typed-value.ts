/**
 * How values of a schema are taken apart: which form a value has there, and what names its parts
 * (https://github.com/kubernetes-sigs/structured-merge-diff/blob/master/typed/helpers.go).
 */

import type { ListSchema, TypeSchema } from '../../runtime/type-schema.ts';
import { fieldNameOf, isFieldElement, keyElement, type PathElement, valueElement } from './path-element.ts';

/** A value doesn't fit its schema, or can't be merged. Paths stand in the message: `.spec.x: ...`. */
export class TypedValueError extends Error {
  override readonly name = 'TypedValueError';
}

export type JSONRecord = Record<string, unknown>;

export const isRecord = (value: unknown): value is JSONRecord =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Schema of what nothing is known about: maps are merged key by key, lists are replaced. */
export const DEDUCED: TypeSchema = { kind: 'untyped', type: 'any' };

/**
 * How a value is handled where `schema` stands: as a `leaf` that is replaced whole, as a `map` of parts, or as a
 * `list` of parts that have names.
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
      return schema.type === 'any' && isRecord(value) ? 'map' : 'leaf';
    case 'scalar':
      return 'leaf';
  }
}

/** The schema of a map's part; undefined for a field that a struct does not have. */
export function fieldSchemaOf(schema: TypeSchema, key: string): TypeSchema | undefined {
  switch (schema.kind) {
    case 'struct':
      return schema.fields.get(key)?.schema ?? (schema.preserveUnknownFields ? DEDUCED : undefined);
    case 'map':
      return schema.element;
    case 'untyped':
      return schema.type === 'any' ? DEDUCED : undefined;
    default:
      return undefined;
  }
}

/** The schema below a path element, where it is known. */
export function childSchema(schema: TypeSchema | undefined, element: PathElement): TypeSchema | undefined {
  if (schema === undefined) return undefined;
  if (isFieldElement(element)) return fieldSchemaOf(schema, fieldNameOf(element));
  return schema.kind === 'list' ? schema.element : undefined;
}

/** Names an item of a list with `listType` set or map. Throws `TypedValueError` without a path. */
export function itemElement(schema: ListSchema, item: unknown): PathElement {
  return schema.listType === 'map' ? keyedItemElement(schema, item) : setItemElement(item);
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
  return element.kind === 'struct' ? element.fields.get(name)?.default : undefined;
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

/** An absent, null or empty map or list. */
export function isEmptyContainer(value: unknown): boolean {
  if (value === undefined || value === null) return true;
  return Array.isArray(value) ? value.length === 0 : isRecord(value) && Object.keys(value).length === 0;
}

export const asRecord = (value: unknown): JSONRecord => (isRecord(value) ? value : {});
export const asList = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
