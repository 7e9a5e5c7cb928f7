/** Decoders of structs. */

import type { FieldSchema, StructSchema } from '../../type-schema.ts';
import type { DecodeState } from './decode-state.ts';
import { type Compile, type Decoder, goTypeOf } from './decoder.ts';
import { CHAR } from './json-cursor.ts';
import { describe } from './scalar-decoders.ts';

/** Of a field that was there but gave nothing. */
const UNSET = Symbol('unset');

/** Go reads no pointer for these, and leaves none of them out for being empty. */
const STRUCT_LIKE: ReadonlySet<string> = new Set([
  'quantity',
  'int-or-string',
  'time',
  'micro-time',
  'duration',
]);

class FieldDecoder {
  readonly index: number;
  readonly name: string;
  readonly value: Decoder;
  /** Null unsets the field, rather than giving its zero value. */
  readonly #isNullable: boolean;
  readonly #omitempty: boolean;
  readonly #omitzero: boolean;
  readonly #omitsZeroScalar: boolean;
  readonly #omitsEmpty: boolean;

  constructor(field: FieldSchema, index: number, compile: Compile) {
    const { schema } = field;
    this.index = index;
    this.name = field.name;
    this.value = compile(schema);
    const isScalar = schema.kind === 'scalar' && !STRUCT_LIKE.has(schema.type);
    const isContainer =
      schema.kind === 'list' || schema.kind === 'map' || (isScalar && schema.type === 'bytes');
    const isInterface = schema.kind === 'untyped' && schema.type === 'any';
    this.#isNullable = field.pointer || isContainer || isInterface;
    this.#omitempty = field.omitempty && (field.pointer || isScalar || isContainer || isInterface);
    this.#omitsZeroScalar = field.omitempty && isScalar && !field.pointer;
    this.#omitsEmpty = field.omitempty && isContainer;
    this.#omitzero = field.omitzero;
  }

  decode(state: DecodeState, previous: unknown): unknown {
    if (state.peek() !== CHAR.null) return this.value.decode(state, previous);
    state.skip();
    return this.#isNullable ? undefined : this.value.decodeNull(state, previous);
  }

  /** What Go writes where the field was never set; undefined for nothing. */
  missing(): unknown {
    if (this.#omitempty || this.#omitzero) return undefined;
    return this.#isNullable ? null : this.value.zero();
  }

  /** Whether Go leaves out a value that was read. */
  omits(value: unknown): boolean {
    if (this.#omitsZeroScalar && (value === '' || value === 0 || value === false)) return true;
    if (this.#omitsEmpty && isEmpty(value)) return true;
    return this.#omitzero && JSON.stringify(value) === JSON.stringify(this.value.zero());
  }
}

function isEmpty(value: unknown): boolean {
  if (typeof value === 'string' || Array.isArray(value)) return value.length === 0;
  for (const _ in value as object) return false;
  return true;
}

export class StructDecoder implements Decoder {
  readonly goType: string;
  readonly #name: string;
  readonly #schema: StructSchema;
  readonly #compile: Compile;
  #fields: readonly FieldDecoder[] | undefined;
  readonly #byName = new Map<string, FieldDecoder>();

  constructor(schema: StructSchema, compile: Compile) {
    this.goType = goTypeOf(schema.name);
    this.#name = this.goType.slice(this.goType.indexOf('.') + 1);
    this.#schema = schema;
    this.#compile = compile;
  }

  /** Compiled on first use: types may contain themselves. */
  #compiled(): readonly FieldDecoder[] {
    if (this.#fields === undefined) {
      this.#fields = [...this.#schema.fields.values()].map(
        (field, index) => new FieldDecoder(field, index, this.#compile),
      );
      for (const field of this.#fields) this.#byName.set(field.name, field);
    }
    return this.#fields;
  }

  decode(state: DecodeState, previous: unknown): unknown {
    if (state.peek() !== CHAR.object) {
      state.typeMismatch(describe(state), this.goType);
      return previous;
    }
    const fields = this.#compiled();
    const earlier = previous as Record<string, unknown> | undefined;
    const values: unknown[] = fields.map(() => undefined);
    for (state.enter(); state.more(); ) {
      const key = state.key();
      const field = this.#byName.get(key);
      if (field === undefined) {
        state.unknownField(key);
        state.skip();
        continue;
      }
      const before = values[field.index];
      if (before !== undefined) state.duplicateField(key);
      state.push(key, this.#name);
      const known = before === undefined ? earlier?.[key] : before === UNSET ? undefined : before;
      values[field.index] = field.decode(state, known) ?? UNSET;
      state.pop();
    }
    return this.#finish(fields, values, earlier);
  }

  /** Fields in the order of the schema, so that equal objects are written alike. */
  #finish(
    fields: readonly FieldDecoder[],
    values: readonly unknown[],
    earlier: Record<string, unknown> | undefined,
  ): object {
    const object: Record<string, unknown> = {};
    for (let index = 0; index < fields.length; index++) {
      const field = fields[index]!;
      let value = values[index];
      if (value === undefined) value = earlier?.[field.name] ?? field.missing();
      else if (value === UNSET) value = field.missing();
      else if (field.omits(value)) continue;
      if (value !== undefined) object[field.name] = value;
    }
    return object;
  }

  decodeNull(_: DecodeState, previous: unknown): unknown {
    return previous;
  }

  zero(): object {
    return this.#finish(this.#compiled(), [], undefined);
  }
}
