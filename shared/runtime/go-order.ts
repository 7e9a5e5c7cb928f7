import { isJSONObject, setOwn } from '../util/json.ts';
import type { TypeSchema } from './type-schema.ts';

/**
 * A JSON value in the order in which Go writes it: structs by their declaration, with what they don't know behind, maps
 * by their keys. What has no schema stays as it is.
 */
export function inGoOrder(value: unknown, schema: TypeSchema | undefined): unknown {
  if (Array.isArray(value)) {
    const element = schema?.kind === 'list' ? schema.element : undefined;
    return value.map((item) => inGoOrder(item, element));
  }
  if (!isJSONObject(value)) return value;
  const fields = schema?.kind === 'struct' ? schema.fields : undefined;
  const ordered: Record<string, unknown> = {};
  for (const key of keysInOrder(value, schema)) {
    const inner = schema?.kind === 'map' ? schema.element : fields?.get(key)?.schema;
    setOwn(ordered, key, inGoOrder(value[key], inner));
  }
  return ordered;
}

function keysInOrder(value: object, schema: TypeSchema | undefined): string[] {
  const keys = Object.keys(value);
  if (schema?.kind === 'map') return keys.sort();
  if (schema?.kind !== 'struct') return keys;
  const declared = [...schema.fields.keys()].filter((key) => Object.hasOwn(value, key));
  return [...declared, ...keys.filter((key) => !schema.fields.has(key))];
}
