import { type Pieces, shouldYield } from '../util/breathe.ts';
import { isJSONObject, setOwn } from '../util/json.ts';
import { sortInPieces } from '../util/sort-in-pieces.ts';
import type { TypeSchema } from './type-schema.ts';

/**
 * A JSON value in the order in which Go encodes it: fields of structs by declaration, with unknown ones last, and map
 * keys sorted. Values without a schema keep their order.
 */
export function* inGoOrder(value: unknown, schema: TypeSchema | undefined): Pieces<unknown> {
  if (Array.isArray(value)) {
    const element = schema?.kind === 'list' ? schema.element : undefined;
    const list: unknown[] = [];
    for (const item of value) list.push(yield* inGoOrder(item, element));
    return list;
  }
  if (!isJSONObject(value)) return value;
  const fields = schema?.kind === 'struct' ? schema.fields : undefined;
  const ordered: Record<string, unknown> = {};
  for (const key of yield* keysInOrder(value, schema)) {
    const inner = schema?.kind === 'map' ? schema.element : fields?.get(key)?.schema;
    setOwn(ordered, key, yield* inGoOrder(value[key], inner));
    if (shouldYield()) yield;
  }
  return ordered;
}

function* keysInOrder(value: object, schema: TypeSchema | undefined): Pieces<string[]> {
  const keys = Object.keys(value);
  if (schema?.kind === 'map') return yield* sortInPieces(keys, (a, b) => (a < b ? -1 : 1));
  if (schema?.kind !== 'struct') return keys;
  const declared = [...schema.fields.keys()].filter((key) => Object.hasOwn(value, key));
  return [...declared, ...keys.filter((key) => !schema.fields.has(key))];
}
