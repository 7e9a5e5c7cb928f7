/** Which fields Go writes: those without `omitempty` always, zero or null, others when they hold something. */

import type { FieldSchema, TypeSchema } from '../type-schema.ts';

/** Structs in Go: none of them is left out for being empty. */
const STRUCT_LIKE: ReadonlySet<string> = new Set([
  'quantity',
  'int-or-string',
  'time',
  'micro-time',
  'duration',
]);

/** Zero values as Go writes them, by schema; structs are made afresh. */
const structZeros = new WeakMap<TypeSchema, () => object>();

const SCALAR_ZEROS = {
  string: '',
  boolean: false,
  int32: 0,
  int64: 0,
  double: 0,
  bytes: null,
  quantity: '0',
  'int-or-string': 0,
  time: null,
  'micro-time': null,
  duration: '0s',
} as const;

/** The zero value of a schema, as Go writes it; the caller may keep it. */
export function zeroValue(schema: TypeSchema): unknown {
  switch (schema.kind) {
    case 'scalar':
      return SCALAR_ZEROS[schema.type];
    case 'struct': {
      let make = structZeros.get(schema);
      if (make === undefined) {
        const fields = [...schema.fields.values()].map((field) => new FieldPresence(field));
        make = () => fillFields(fields, () => undefined);
        structZeros.set(schema, make);
      }
      return make();
    }
    case 'untyped':
      return schema.union?.or === 'boolean' ? false : null;
    default:
      return null;
  }
}

/** A field that was given but holds nothing: null, or what couldn't be read. */
export const UNSET = Symbol('unset');

export class FieldPresence {
  readonly name: string;
  /** Null unsets the field, rather than giving its zero value. */
  readonly isNullable: boolean;
  readonly #schema: TypeSchema;
  readonly #omitempty: boolean;
  readonly #omitzero: boolean;
  readonly #omitsZeroScalar: boolean;
  readonly #omitsEmpty: boolean;

  constructor(field: FieldSchema) {
    const { schema } = field;
    const isScalar = schema.kind === 'scalar' && !STRUCT_LIKE.has(schema.type);
    const isContainer =
      schema.kind === 'list' || schema.kind === 'map' || (isScalar && schema.type === 'bytes');
    const isInterface = schema.kind === 'untyped' && schema.type === 'any';
    this.name = field.name;
    this.isNullable = field.pointer || isContainer || isInterface;
    this.#schema = schema;
    this.#omitempty = field.omitempty && (this.isNullable || isScalar);
    this.#omitsZeroScalar = field.omitempty && isScalar && !field.pointer;
    // An empty list of managers says something: that the server is to forget those it has.
    this.#omitsEmpty =
      field.omitempty && isContainer && field.keepsEmpty !== true && field.name !== 'managedFields';
    this.#omitzero = field.omitzero;
  }

  /** What Go writes where the field was never set; undefined for nothing. */
  missing(): unknown {
    if (this.#omitempty || this.#omitzero) return undefined;
    return this.isNullable ? null : zeroValue(this.#schema);
  }

  /** Whether Go leaves out a value; `isFilled`: it is known to hold something. */
  omits(value: unknown, isFilled = false): boolean {
    if (this.#omitsZeroScalar && (value === '' || value === 0 || value === false)) return true;
    if (this.#omitsEmpty && !isFilled && isEmpty(value)) return true;
    return this.#omitzero && JSON.stringify(value) === JSON.stringify(zeroValue(this.#schema));
  }
}

/** Of an object of many keys V8 lists all of them to find the first. */
function isEmpty(value: unknown): boolean {
  if (typeof value === 'string' || Array.isArray(value)) return value.length === 0;
  for (const _ in value as object) return false;
  return true;
}

/**
 * An object with the fields that Go writes, in the order of the schema, so that equal objects are written alike.
 * `read` gives what was read, undefined for nothing; `filled` are indexes of what is known to hold something.
 */
export function fillFields(
  fields: readonly FieldPresence[],
  read: (index: number) => unknown,
  filled: readonly number[] = [],
): Record<string, unknown> {
  const object: Record<string, unknown> = {};
  for (let index = 0; index < fields.length; index++) {
    const field = fields[index]!;
    let value = read(index);
    if (value === undefined || value === UNSET) value = field.missing();
    else if (field.omits(value, filled.includes(index))) continue;
    if (value !== undefined) object[field.name] = value;
  }
  return object;
}
