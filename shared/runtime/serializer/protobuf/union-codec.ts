/** Codecs of unions, whose JSON has one of two forms, as messages with a field for each. */

import type { UnionSchema } from '../../type-schema.ts';
import { readMessage, requireWireType } from './read-fields.ts';
import { scalarCodecs } from './scalar-codecs.ts';
import { type CompileValue, tagOf, type ValueCodec, WIRE, writeMessage } from './value-codec.ts';

/** Field numbers of the struct and of the other form. */
const NUMBERS: Readonly<Record<UnionSchema['or'], readonly [struct: number, other: number]>> = {
  array: [1, 2],
  boolean: [2, 1],
  'string-array': [1, 2],
};

const isStruct = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export function unionCodec(union: UnionSchema, compile: CompileValue): ValueCodec {
  const [structNumber, otherNumber] = NUMBERS[union.or];
  // The struct contains the union, so its codec is looked up lazily.
  const structCodec = (): ValueCodec => compile(union.struct)!;
  const otherCodec = (): ValueCodec =>
    union.or === 'boolean'
      ? scalarCodecs.boolean
      : union.or === 'array'
        ? structCodec()
        : scalarCodecs.string;
  return {
    wireType: WIRE.bytes,
    zero: union.or === 'boolean' ? false : null,
    write(writer, value) {
      const other = otherCodec();
      const tag = tagOf(otherNumber, other.wireType);
      writeMessage(writer, () => {
        if (union.or === 'boolean') other.write(writer.uint32(tag), isStruct(value) || value);
        if (isStruct(value)) structCodec().write(writer.uint32(tagOf(structNumber, WIRE.bytes)), value);
        if (Array.isArray(value)) for (const element of value) other.write(writer.uint32(tag), element);
      });
    },
    read(reader) {
      let struct: unknown;
      const others: unknown[] = [];
      readMessage(reader, (number, wireType) => {
        const codec =
          number === structNumber ? structCodec() : number === otherNumber ? otherCodec() : undefined;
        if (codec === undefined) return false;
        requireWireType(wireType, codec.wireType, union.name);
        if (number === structNumber) struct = codec.read(reader);
        else others.push(codec.read(reader));
        return true;
      });
      if (union.or === 'boolean') return struct ?? others.at(-1) ?? false;
      return others.length > 0 ? others : (struct ?? null);
    },
  };
}
