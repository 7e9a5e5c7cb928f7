/**
 * Determines which fields Go encodes: those without `omitempty` always, as zero or null if unset; others only if they
 * aren't empty.
 */

import type { FieldSchema, TypeSchema } from '../type-schema.ts';

/** Types that are structs in Go, which `omitempty` never omits. */
const STRUCT_LIKE: ReadonlySet<string> = new Set([
  'quantity',
  'int-or-string',
  'time',
  'micro-time',
  'duration',
]);

/** Factories of zero values by schema; each call creates a new struct. */
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

/** The zero value of a schema, as Go encodes it. The caller may modify it. */
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

/** A field that was present but has no value: null, or undecodable. */
export const UNSET = Symbol('unset');

export class FieldPresence {
  readonly name: string;
  /** Whether null unsets the field rather than giving its zero value. */
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
    // An empty list of managers is significant: it resets them.
    this.#omitsEmpty =
      field.omitempty && isContainer && field.keepsEmpty !== true && field.name !== 'managedFields';
    this.#omitzero = field.omitzero;
  }

  /** The value that Go encodes for a field that was never set; undefined if none. */
  missing(): unknown {
    if (this.#omitempty || this.#omitzero) return undefined;
    return this.isNullable ? null : zeroValue(this.#schema);
  }

  /** Whether Go omits a value. `isFilled` means that it is known not to be empty. */
  omits(value: unknown, isFilled = false): boolean {
    if (this.#omitsZeroScalar && (value === '' || value === 0 || value === false)) return true;
    if (this.#omitsEmpty && !isFilled && isEmpty(value)) return true;
    return this.#omitzero && JSON.stringify(value) === JSON.stringify(zeroValue(this.#schema));
  }
}

/** Avoids Object.keys: V8 would list all keys of a large object. */
function isEmpty(value: unknown): boolean {
  if (typeof value === 'string' || Array.isArray(value)) return value.length === 0;
  for (const _ in value as object) return false;
  return true;
}

/**
 * An object with the fields that Go encodes, in schema order, so that equal objects have equal encodings. `read`
 * returns the decoded value or undefined; `filled` are the indexes of values known not to be empty.
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
