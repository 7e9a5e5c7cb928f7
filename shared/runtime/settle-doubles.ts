import { isJSONObject } from '../util/json.ts';
import type { TypeSchema } from './type-schema.ts';

/**
 * Converts bigints to numbers in place where the schema has doubles, which an exact parser can't distinguish from
 * int64.
 */
export function settleDoubles(value: unknown, schema: TypeSchema): unknown {
  if (typeof value === 'bigint')
    return schema.kind === 'scalar' && schema.type === 'double' ? Number(value) : value;
  if (typeof value !== 'object' || value === null) return value;
  if (schema.kind === 'untyped') {
    const { union } = schema;
    if (union === undefined) return value;
    if (!Array.isArray(value)) return settleDoubles(value, union.struct);
    for (const [index, element] of value.entries()) value[index] = settleDoubles(element, union.struct);
  } else if (Array.isArray(value)) {
    if (schema.kind !== 'list') return value;
    for (const [index, element] of value.entries()) value[index] = settleDoubles(element, schema.element);
  } else if (isJSONObject(value)) {
    for (const [key, member] of Object.entries(value)) {
      const inner =
        schema.kind === 'struct'
          ? schema.fields.get(key)?.schema
          : schema.kind === 'map'
            ? schema.element
            : undefined;
      if (inner === undefined) continue;
      const settled = settleDoubles(member, inner);
      if (settled !== member) value[key] = settled as number;
    }
  }
  return value;
}
