/** Decoders of structs. */

import { isTimeToLook, type Pieces } from '../../../util/breathe.ts';
import type { FieldSchema, StructSchema } from '../../type-schema.ts';
import { tableFieldOf } from '../../type-tables.ts';
import { FieldPresence, fillFields, UNSET, zeroValue } from '../field-presence.ts';
import type { DecodeState, GoStruct } from './decode-state.ts';
import { type Compile, type Decoder, type DeepDecoder, goTypeOf } from './decoder.ts';
import { CHAR } from './json-cursor.ts';
import { describe } from './scalar-decoders.ts';

class FieldDecoder extends FieldPresence {
  readonly index: number;
  readonly #value: Decoder;

  constructor(field: FieldSchema, index: number, compile: Compile) {
    super(field);
    this.index = index;
    this.#value = compile(field.schema, field.goType);
  }

  /** The decoder of a value that holds others and stands here. */
  deepAt(state: DecodeState): DeepDecoder | undefined {
    return this.#value.decode === undefined && state.peek() !== CHAR.null ? this.#value : undefined;
  }

  /** Null, or a value that is read at once. */
  decode(state: DecodeState, previous: unknown): unknown {
    if (state.peek() !== CHAR.null) return this.#value.decode!(state, previous);
    state.skip();
    return this.isNullable ? undefined : this.#value.decodeNull(state, previous);
  }
}

const unqualified = (goType: string): string => goType.slice(goType.indexOf('.') + 1);

/** The way to a field of a struct, through those that Go embeds. */
function goPath(schema: StructSchema, field: string): string {
  for (const { schema: embedded } of schema.embedded ?? []) {
    if (embedded.kind !== 'struct' || !embedded.fields.has(field)) continue;
    return `${unqualified(goTypeOf(embedded.name))}.${goPath(embedded, field)}`;
  }
  return isOfTypeMeta(schema, field) ? `TypeMeta.${field}` : field;
}

/** Which every kind embeds, and protobuf leaves out. */
function isOfTypeMeta({ fields }: StructSchema, name: string): boolean {
  const field = fields.get(name);
  if (field === undefined || (name !== 'kind' && name !== 'apiVersion')) return false;
  return tableFieldOf(field)?.pb === undefined;
}

export class StructDecoder implements DeepDecoder, GoStruct {
  readonly goType: string;
  readonly goName: string;
  readonly #schema: StructSchema;
  readonly #compile: Compile;
  #fields: readonly FieldDecoder[] | undefined;
  readonly #byName = new Map<string, FieldDecoder>();

  constructor(schema: StructSchema, compile: Compile, goType = goTypeOf(schema.name)) {
    this.goType = goType;
    this.goName = unqualified(goType);
    this.#schema = schema;
    this.#compile = compile;
  }

  goPath(field: string): string {
    return goPath(this.#schema, field);
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

  *decodeInPieces(state: DecodeState, previous: unknown): Pieces<unknown> {
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
        if (isTimeToLook()) yield;
        continue;
      }
      const before = values[field.index];
      if (before !== undefined) state.duplicateField(key);
      state.push(key, this);
      const known = before === undefined ? earlier?.[key] : before === UNSET ? undefined : before;
      const deep = field.deepAt(state);
      const value = deep ? yield* deep.decodeInPieces(state, known) : field.decode(state, known);
      values[field.index] = value ?? UNSET;
      state.pop();
      if (isTimeToLook()) yield;
    }
    return fillFields(fields, (index) => values[index] ?? earlier?.[fields[index]!.name]);
  }

  decodeNull(_: DecodeState, previous: unknown): unknown {
    return previous;
  }

  zero(): unknown {
    return zeroValue(this.#schema);
  }
}
