/**
 * CEL types of API objects, for static checks of expressions
 * (https://github.com/kubernetes/apiserver/blob/master/pkg/cel/common/schemas.go).
 */

import type { StructDeclaration } from '../../cel/declaration.ts';
import { escapeName, reservedField } from '../../cel/escaping.ts';
import {
  BOOL,
  BYTES,
  type CelType,
  DOUBLE,
  DYN,
  INT,
  listType,
  mapType,
  objectType,
  STRING,
  TIMESTAMP,
} from '../../cel/type.ts';
import type { ScalarType, StructSchema, TypeSchema } from '../../runtime/type-schema.ts';

const SCALARS: Readonly<Record<ScalarType, CelType>> = {
  string: STRING,
  boolean: BOOL,
  int32: INT,
  int64: INT,
  double: DOUBLE,
  bytes: BYTES,
  quantity: DYN,
  'int-or-string': DYN,
  time: TIMESTAMP,
  'micro-time': TIMESTAMP,
  duration: STRING,
};

/** Types of objects with unknown content. */
const OPAQUE: ReadonlySet<string> = new Set(['raw', 'fieldsV1']);

/**
 * The types reachable from a root. Nested types are named after their path, `Pod.spec.containers.@idx`, and created on
 * first use, because types may be recursive.
 */
export class ObjectTypes {
  readonly root: CelType | undefined;
  readonly #structs = new Map<string, StructDeclaration>();

  /** `name` is the name of the root. */
  constructor(schema: TypeSchema, name: string) {
    this.root = this.#typeOf(schema, name);
  }

  readonly resolve = (name: string): StructDeclaration | undefined => this.#structs.get(name);

  /** Undefined for types that expressions can't access. */
  #typeOf(schema: TypeSchema, name: string): CelType | undefined {
    switch (schema.kind) {
      case 'scalar':
        return SCALARS[schema.type];
      case 'list': {
        const element = this.#typeOf(schema.element, `${name}.@idx`);
        return element && listType(element);
      }
      case 'map': {
        const element = this.#typeOf(schema.element, `${name}.@elem`);
        return element && mapType(STRING, element);
      }
      case 'struct':
        return this.#declare(name, schema);
      case 'untyped':
        // Untyped values include int-or-string fields of custom resources.
        if (schema.type === 'any') return DYN;
        return OPAQUE.has(schema.type) ? this.#declare(name, undefined) : undefined;
    }
  }

  #declare(name: string, schema: StructSchema | undefined): CelType {
    const known = this.#structs.get(name);
    if (known !== undefined) return known.type;
    const type = objectType(name);
    const types = new Map<string, CelType | undefined>();
    const typeOfField = (field: string): CelType | undefined => {
      if (!types.has(field)) {
        const property = schema && propertyOf(schema, field);
        types.set(field, property && this.#typeOf(property, `${name}.${field}`));
      }
      return types.get(field);
    };
    this.#structs.set(name, {
      name,
      type,
      field: (field) => typeOfField(field) ?? typeOfField(reservedField(field)),
    });
    return type;
  }
}

/** Finds a property by its escaped name. */
function propertyOf({ fields }: StructSchema, escaped: string): TypeSchema | undefined {
  const own = fields.get(escaped);
  if (own !== undefined && escapeName(escaped) === escaped) return own.schema;
  for (const [name, { schema }] of fields) if (escapeName(name) === escaped) return schema;
  return undefined;
}
