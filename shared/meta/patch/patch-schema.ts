/** Properties of fields that strategic merge needs, which Go determines by reflection on its structs. */

import type { TypeSchema } from '../../runtime/type-schema.ts';
import { newPlainError } from '../status-error.ts';

export interface PatchMeta {
  /** The schema of the field's value, or of its list's elements. */
  readonly schema: TypeSchema;
  /** `merge`, `replace`, or '' for the default: maps merge, lists are replaced. */
  readonly strategy: string;
  /** '' if there is none. */
  readonly mergeKey: string;
}

/** Structs with a JSON form of their own, in which Go finds no fields. */
const OPAQUE = { raw: 'RawExtension', fieldsV1: 'FieldsV1', json: 'JSON', any: 'interface' } as const;

/** Go's name of a struct, or its kind for other types. */
function structName(schema: TypeSchema): { readonly struct: string } | { readonly kind: string } {
  switch (schema.kind) {
    case 'struct':
      return { struct: schema.name.slice(schema.name.lastIndexOf('.') + 1) };
    case 'untyped':
      if (schema.type === 'any') return { kind: 'interface' };
      return { struct: schema.union?.name.split('.').pop() ?? OPAQUE[schema.type] };
    case 'list':
      return { kind: 'slice' };
    case 'map':
      return { kind: 'map' };
    case 'scalar':
      return { kind: schema.type };
  }
}

/** Go's `reflect.Kind` of a list's elements, for messages. */
export function kindOf(schema: TypeSchema): string {
  const name = structName(schema);
  return 'struct' in name ? 'struct' : name.kind;
}

/** Throws a 500 without reason if the schema has no such field. */
function lookup(schema: TypeSchema, name: string): PatchMeta {
  const field = schema.kind === 'struct' ? schema.fields.get(name) : undefined;
  if (field === undefined) {
    const parent = structName(schema);
    throw newPlainError(
      'struct' in parent
        ? `unable to find api field in struct ${parent.struct} for the json field "${name}"`
        : `merging an object in json but data type is not struct, instead is: ${parent.kind}`,
    );
  }
  const strategy = field.patchStrategies.find((strategy) => strategy !== 'retainKeys') ?? '';
  return { schema: field.schema, strategy, mergeKey: field.patchMergeKey ?? '' };
}

export const lookupStruct = lookup;

export function lookupList(schema: TypeSchema, name: string): PatchMeta {
  const meta = lookup(schema, name);
  if (meta.schema.kind !== 'list')
    throw newPlainError(`expected slice or array type, but got: ${kindOf(schema)}`);
  return { ...meta, schema: meta.schema.element };
}
