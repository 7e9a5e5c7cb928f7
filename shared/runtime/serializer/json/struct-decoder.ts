/** Decoders of structs. */

import { shouldYield } from '../../../util/breathe.ts';
import type { FieldSchema, StructSchema } from '../../type-schema.ts';
import { tableFieldOf } from '../../type-tables.ts';
import { FieldPresence, fillFields, UNSET, zeroValue } from '../field-presence.ts';
import type { DecodeState, GoStruct } from './decode-state.ts';
import { type Compile, type Decoder, type DeepDecoder, goTypeOf } from './decoder.ts';
import { CHAR } from './json-cursor.ts';
import { PAUSE, type Reading, WasRead } from './reading.ts';
import { describe } from './scalar-decoders.ts';

class FieldDecoder extends FieldPresence {
  readonly index: number;
  readonly #value: Decoder;

  constructor(field: FieldSchema, index: number, compile: Compile) {
    super(field);
    this.index = index;
    this.#value = compile(field.schema, field.goType);
  }

  /** The decoder of the value at the current position if it is a container. */
  deepAt(state: DecodeState): DeepDecoder | undefined {
    return this.#value.decode === undefined && state.peek() !== CHAR.null ? this.#value : undefined;
  }

  /** Decodes null or a scalar. */
  decode(state: DecodeState, previous: unknown): unknown {
    if (state.peek() !== CHAR.null) return this.#value.decode!(state, previous);
    state.skip();
    return this.isNullable ? undefined : this.#value.decodeNull(state, previous);
  }
}

const unqualified = (goType: string): string => goType.slice(goType.indexOf('.') + 1);

/** The path to a field through the structs that Go embeds. */
function goPath(schema: StructSchema, field: string): string {
  for (const { schema: embedded } of schema.embedded ?? []) {
    if (embedded.kind !== 'struct' || !embedded.fields.has(field)) continue;
    return `${unqualified(goTypeOf(embedded.name))}.${goPath(embedded, field)}`;
  }
  return isOfTypeMeta(schema, field) ? `TypeMeta.${field}` : field;
}

/** Whether it is a field of TypeMeta, which every kind embeds and protobuf omits. */
function isOfTypeMeta({ fields }: StructSchema, name: string): boolean {
  const field = fields.get(name);
  if (field === undefined || (name !== 'kind' && name !== 'apiVersion')) return false;
  return tableFieldOf(field)?.pb === undefined;
}

interface Struct {
  readonly fields: readonly FieldDecoder[];
  readonly byName: ReadonlyMap<string, FieldDecoder>;
  /** Values of earlier fields of the same name. */
  readonly earlier: Readonly<Record<string, unknown>> | undefined;
}

/** Decodes the struct at the current position of `state`. */
class StructReading implements Reading {
  readonly #state: DecodeState;
  readonly #type: GoStruct;
  readonly #struct: Struct;
  readonly #values: unknown[];
  /** Indexes of fields that are known not to be empty. */
  readonly #filled: number[] = [];
  /** Index of the current field. */
  #index = 0;

  constructor(state: DecodeState, type: GoStruct, struct: Struct) {
    this.#state = state;
    this.#type = type;
    this.#struct = struct;
    this.#values = struct.fields.map(() => undefined);
    state.enter();
  }

  goOn(): Reading | typeof PAUSE | undefined {
    const state = this.#state;
    while (state.more()) {
      const key = state.key();
      const field = this.#struct.byName.get(key);
      if (field === undefined) {
        state.unknownField(key);
        state.skip();
      } else {
        this.#index = field.index;
        const known = this.#enter(key);
        const deep = field.deepAt(state);
        if (deep !== undefined) return deep.begin(state, known);
        this.put(field.decode(state, known));
      }
      if (shouldYield()) return PAUSE;
    }
    return undefined;
  }

  /** Returns the value of an earlier occurrence of the field. */
  #enter(key: string): unknown {
    const before = this.#values[this.#index];
    if (before !== undefined) this.#state.duplicateField(key);
    this.#state.push(key, this.#type);
    if (before === undefined) return this.#struct.earlier?.[key];
    return before === UNSET ? undefined : before;
  }

  put(value: unknown, isFilled = false): void {
    this.#values[this.#index] = value ?? UNSET;
    if (isFilled) this.#filled.push(this.#index);
    this.#state.pop();
  }

  value(): Record<string, unknown> {
    const { fields, earlier } = this.#struct;
    const read = (index: number) => this.#values[index] ?? earlier?.[fields[index]!.name];
    return fillFields(fields, read, this.#filled);
  }
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

  /** Compiled on first use, because types may be recursive. */
  #compiled(): readonly FieldDecoder[] {
    if (this.#fields === undefined) {
      this.#fields = [...this.#schema.fields.values()].map(
        (field, index) => new FieldDecoder(field, index, this.#compile),
      );
      for (const field of this.#fields) this.#byName.set(field.name, field);
    }
    return this.#fields;
  }

  begin(state: DecodeState, previous: unknown): Reading {
    if (state.peek() !== CHAR.object) {
      state.typeMismatch(describe(state), this.goType);
      return new WasRead(previous);
    }
    const fields = this.#compiled();
    const earlier = previous as Record<string, unknown> | undefined;
    return new StructReading(state, this, { fields, byName: this.#byName, earlier });
  }

  decodeNull(_: DecodeState, previous: unknown): unknown {
    return previous;
  }

  zero(): unknown {
    return zeroValue(this.#schema);
  }
}
