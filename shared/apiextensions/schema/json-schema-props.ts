/** Accessors for the union fields of `JSONSchemaProps`, and traversal of nested schemas. */

import type { JSONSchemaProps } from '../../apis/apiextensions/v1/types.ts';
import { isJSONObject } from '../../util/json.ts';

/** `items` as a single schema; undefined if it isn't set or is a list. */
export function itemsOf(schema: JSONSchemaProps): JSONSchemaProps | undefined {
  return isJSONObject(schema.items) ? (schema.items as JSONSchemaProps) : undefined;
}

/** `items` as a list of schemas, which custom resources don't support. */
export function itemsListOf(schema: JSONSchemaProps): readonly JSONSchemaProps[] {
  return Array.isArray(schema.items) ? schema.items.filter(isJSONObject) : [];
}

/** The schema of additional properties, or whether they are allowed; undefined if not set. */
export function additionalPropertiesOf(schema: JSONSchemaProps): JSONSchemaProps | boolean | undefined {
  const value = schema.additionalProperties;
  if (typeof value === 'boolean') return value;
  return isJSONObject(value) ? (value as JSONSchemaProps) : undefined;
}

/** The schema of additional properties, if there is one. */
export function additionalPropertiesSchemaOf(schema: JSONSchemaProps): JSONSchemaProps | undefined {
  const value = additionalPropertiesOf(schema);
  return typeof value === 'object' ? value : undefined;
}

/** The default; undefined if there is none. Null counts as none. */
export function defaultOf(schema: JSONSchemaProps): unknown {
  return schema.default ?? undefined;
}

/** The properties in declared order. Safe for keys such as `constructor`. */
export function propertiesOf(schema: JSONSchemaProps): readonly (readonly [string, JSONSchemaProps])[] {
  return Object.entries(schema.properties ?? {});
}

export function propertyOf(schema: JSONSchemaProps, name: string): JSONSchemaProps | undefined {
  const { properties } = schema;
  return properties !== undefined && Object.hasOwn(properties, name) ? properties[name] : undefined;
}

/** The schemas directly inside `schema`, in any position. */
function* childSchemas(schema: JSONSchemaProps): Generator<JSONSchemaProps> {
  const items = itemsOf(schema);
  if (items !== undefined) yield items;
  yield* itemsListOf(schema);
  yield* schema.allOf ?? [];
  yield* schema.anyOf ?? [];
  yield* schema.oneOf ?? [];
  if (schema.not) yield schema.not;
  for (const [, property] of propertiesOf(schema)) yield property;
  const additional = additionalPropertiesSchemaOf(schema);
  if (additional !== undefined) yield additional;
  yield* Object.values(schema.patternProperties ?? {});
  if (isJSONObject(schema.additionalItems)) yield schema.additionalItems as JSONSchemaProps;
  yield* Object.values(schema.definitions ?? {});
  for (const dependency of Object.values(schema.dependencies ?? {})) {
    if (isJSONObject(dependency)) yield dependency as JSONSchemaProps;
  }
}

/** Whether `schema` or a nested schema satisfies `predicate`. */
export function schemaHas(
  schema: JSONSchemaProps | undefined,
  predicate: (schema: JSONSchemaProps) => boolean,
): boolean {
  if (schema === undefined) return false;
  if (predicate(schema)) return true;
  for (const child of childSchemas(schema)) if (schemaHas(child, predicate)) return true;
  return false;
}
