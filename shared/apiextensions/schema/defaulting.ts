/**
 * Applies defaults of a structural schema
 * (https://github.com/kubernetes/apiextensions-apiserver/tree/master/pkg/apiserver/schema/defaulting).
 */

import { deepCopy } from '../../util/deep-copy.ts';
import { isJSONObject, setOwn } from '../../util/json.ts';
import { fieldSchema, type Structural } from './structural.ts';

/** Null counts as absent unless the schema allows it. */
const isForbiddenNull = (value: unknown, schema: Structural | undefined): schema is Structural =>
  value === null && schema !== undefined && !schema.nullable;

/**
 * Applies defaults in place. Call `pruneNonNullableNullsWithoutDefaults` first; remaining nulls are replaced by
 * defaults.
 */
export function setDefaults(value: unknown, schema: Structural | undefined): void {
  if (schema === undefined || !schema.contains.defaults) return;
  if (Array.isArray(value)) {
    const { items } = schema;
    if (!items?.contains.defaults) return;
    for (let index = 0; index < value.length; index++) {
      if (isForbiddenNull(value[index], items)) value[index] = deepCopy(items.default ?? null);
      setDefaults(value[index], items);
    }
  } else if (isJSONObject(value)) {
    for (const [name, property] of schema.properties) {
      if (property.default === undefined) continue;
      if (!Object.hasOwn(value, name) || isForbiddenNull(value[name], property)) {
        setOwn(value, name, deepCopy(property.default));
      }
    }
    for (const key of Object.keys(value)) {
      const property = fieldSchema(schema, key);
      if (!schema.properties.has(key) && isForbiddenNull(value[key], property)) {
        value[key] = deepCopy(property.default ?? null) as never;
      }
      setDefaults(value[key], property);
    }
  }
}

/** Removes null fields for which the schema has neither `nullable` nor a default. */
export function pruneNonNullableNullsWithoutDefaults(value: unknown, schema: Structural | undefined): void {
  if (schema === undefined) return;
  if (Array.isArray(value)) {
    for (const element of value) pruneNonNullableNullsWithoutDefaults(element, schema.items);
  } else if (isJSONObject(value)) {
    for (const key of Object.keys(value)) {
      const child = fieldSchema(schema, key);
      if (isForbiddenNull(value[key], child) && child.default === undefined) delete value[key];
      else pruneNonNullableNullsWithoutDefaults(value[key], child);
    }
  }
}
