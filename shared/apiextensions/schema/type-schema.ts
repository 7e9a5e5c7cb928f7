/**
 * Converts a structural schema to the type used for merging, field ownership and encoding
 * (https://github.com/kubernetes/kube-openapi/blob/master/pkg/schemaconv/openapi.go).
 */

import type { FieldSchema, ScalarType, StructSchema, TypeSchema } from '../../runtime/type-schema.ts';
import type { Structural } from './structural.ts';

/** The type of metadata: the built-in ObjectMeta. */
export interface MetaTypes {
  readonly objectMeta: TypeSchema;
}

const SCALARS: Readonly<Record<string, ScalarType>> = {
  string: 'string',
  boolean: 'boolean',
  integer: 'int64',
  number: 'double',
};

/** Formats with which a string is still a string for merging. */
const STRING_FORMATS = ['', 'byte'];

/** Types are deduced from values: maps merge by field, lists are atomic. */
const DEDUCED: TypeSchema = { kind: 'untyped', type: 'any' };

/**
 * The type of a whole custom resource. `name` is its definition name. With an undefined schema, all types are deduced.
 */
export function typeSchemaOf(
  name: string,
  schema: Structural | undefined,
  { objectMeta }: MetaTypes,
): StructSchema {
  const compiler = new TypeCompiler(objectMeta);
  if (schema === undefined) {
    return {
      kind: 'struct',
      name,
      fields: new Map(compiler.metaFields()),
      atomic: false,
      preserveUnknownFields: true,
    };
  }
  return { ...compiler.struct(schema, { embedded: true, preserve: schema.preserveUnknownFields }), name };
}

interface Inherited {
  readonly embedded: boolean;
  /** Preserving unknown fields applies to everything inside. */
  readonly preserve: boolean;
}

class TypeCompiler {
  readonly #objectMeta: TypeSchema;
  /** Compiles a shared schema object once, separately for schemas that preserve unknown fields. */
  readonly #known = [new Map<Structural, TypeSchema>(), new Map<Structural, TypeSchema>()];

  constructor(objectMeta: TypeSchema) {
    this.#objectMeta = objectMeta;
  }

  /** The fields of every resource. */
  metaFields(): [string, FieldSchema][] {
    const string: TypeSchema = { kind: 'scalar', type: 'string' };
    return [field('apiVersion', string), field('kind', string), field('metadata', this.#objectMeta)];
  }

  type(schema: Structural, inherited: boolean): TypeSchema {
    const preserve = inherited || schema.preserveUnknownFields;
    const known = this.#known[preserve ? 1 : 0]!;
    let type = known.get(schema);
    if (type === undefined) {
      type = this.#compile(schema, preserve);
      known.set(schema, type);
    }
    return type;
  }

  #compile(schema: Structural, preserve: boolean): TypeSchema {
    if (schema.type === 'array') return this.#list(schema, preserve);
    // A string with a format accepts any scalar here; the schema validates it.
    if (schema.type === 'string' && !STRING_FORMATS.includes(schema.format)) {
      return { kind: 'scalar', type: 'int-or-string' };
    }
    const scalar = SCALARS[schema.type];
    if (scalar !== undefined) return { kind: 'scalar', type: scalar };
    if (typeof schema.additionalProperties === 'object') {
      const element = this.type(schema.additionalProperties, preserve);
      return { kind: 'map', element, atomic: schema.mapType === 'atomic' };
    }
    if (schema.additionalProperties === true) {
      return { kind: 'map', element: DEDUCED, atomic: schema.mapType === 'atomic' };
    }
    // Includes int-or-string fields, whose schema has no type either.
    if (schema.type === '' && schema.properties.size === 0) return DEDUCED;
    return this.struct(schema, { embedded: schema.embeddedResource, preserve });
  }

  struct(schema: Structural, { embedded, preserve }: Inherited): StructSchema {
    const required = new Set(schema.required);
    const fields = new Map<string, FieldSchema>();
    for (const [name, property] of schema.properties) {
      fields.set(
        name,
        fieldSchema(name, this.type(property, preserve), {
          required: required.has(name),
          default: property.default,
        }),
      );
    }
    const declared = fields.size;
    if (embedded) for (const [name, meta] of this.metaFields()) fields.set(name, meta);
    return {
      kind: 'struct',
      name: '',
      fields,
      atomic: schema.mapType === 'atomic',
      preserveUnknownFields: preserve || declared === 0,
    };
  }

  #list(schema: Structural, preserve: boolean): TypeSchema {
    const element = schema.items === undefined ? DEDUCED : this.type(schema.items, preserve);
    const { listType } = schema;
    return {
      kind: 'list',
      element,
      listType: listType === 'set' || listType === 'map' ? listType : 'atomic',
      listMapKeys: listType === 'map' ? schema.listMapKeys : [],
    };
  }
}

const field = (name: string, schema: TypeSchema): [string, FieldSchema] => [
  name,
  fieldSchema(name, schema, { required: false, default: undefined }),
];

function fieldSchema(
  name: string,
  schema: TypeSchema,
  more: { readonly required: boolean; readonly default: unknown },
): FieldSchema {
  return { name, schema, omitempty: true, omitzero: false, pointer: true, patchStrategies: [], ...more };
}
