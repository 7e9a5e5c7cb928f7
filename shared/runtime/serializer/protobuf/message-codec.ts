/**
 * Encodes structs as protobuf messages by the numbers in the type tables: fields in numeric order, all except pointers
 * even if zero, embedded structs as nested messages
 * (https://github.com/kubernetes/code-generator/tree/master/cmd/go-to-protobuf).
 */

import type { Reader, Writer } from 'protobufjs/minimal.js';
import type { StructSchema } from '../../type-schema.ts';
import { tableFieldOf } from '../../type-tables.ts';
import { FieldPresence, fillFields } from '../field-presence.ts';
import { fieldPart, type Part, type Values } from './field-part.ts';
import { readFields, requireWireType } from './read-fields.ts';
import { type CompileValue, tagOf, type ValueCodec, WIRE, writeMessage } from './value-codec.ts';

export class MessageCodec implements ValueCodec {
  readonly wireType = WIRE.bytes;
  readonly zero = {};
  readonly #schema: StructSchema;
  readonly #compileValue: CompileValue;
  readonly #byNumber = new Map<number, Part>();
  #parts: readonly Part[] | undefined;
  #presences: readonly FieldPresence[] = [];

  constructor(schema: StructSchema, compileValue: CompileValue) {
    this.#schema = schema;
    this.#compileValue = compileValue;
  }

  /** Compiled on first use, because types may be recursive. */
  #compiled(): readonly Part[] {
    if (this.#parts === undefined) {
      const fields = [...this.#schema.fields.values()];
      const own = fields.flatMap((field) => {
        const table = tableFieldOf(field);
        if (table === undefined || table.in !== undefined) return [];
        return fieldPart(field, table, this.#compileValue) ?? [];
      });
      this.#parts = [...own, ...this.#embedded()].sort((left, right) => left.number - right.number);
      this.#presences = fields.map((field) => new FieldPresence(field));
      for (const part of this.#parts) this.#byNumber.set(part.number, part);
    }
    return this.#parts;
  }

  /** Embedded structs, which are flat in JSON, are nested messages in protobuf. */
  #embedded(): Part[] {
    return (this.#schema.embedded ?? []).map(({ number, name, schema }): Part => {
      const codec = this.#compileValue(schema) as MessageCodec;
      return {
        number,
        write: (writer, object) => codec.write(writer.uint32(tagOf(number, WIRE.bytes)), object),
        read(reader, wireType, values) {
          requireWireType(wireType, WIRE.bytes, name);
          codec.#readInto(reader, reader.uint32(), values);
        },
      };
    });
  }

  /** Types without numbers, such as Table, can't be encoded. */
  isMarshalable(): boolean {
    return this.#compiled().length > 0;
  }

  write(writer: Writer, value: unknown): void {
    writeMessage(writer, () => this.writeFields(writer, value as Values));
  }

  writeFields(writer: Writer, object: Values): void {
    for (const part of this.#compiled()) part.write(writer, object);
  }

  read(reader: Reader): Values {
    return this.readFields(reader, reader.uint32());
  }

  /** Decodes a message of `length` bytes. */
  readFields(reader: Reader, length: number): Values {
    const values: Values = {};
    this.#readInto(reader, length, values);
    const presences = this.#presences;
    return fillFields(presences, (index) => values[presences[index]!.name]);
  }

  #readInto(reader: Reader, length: number, values: Values): void {
    this.#compiled();
    readFields(reader, length, (number, wireType) => {
      const part = this.#byNumber.get(number);
      part?.read(reader, wireType, values);
      return part !== undefined;
    });
  }
}
