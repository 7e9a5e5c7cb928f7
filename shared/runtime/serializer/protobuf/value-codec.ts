import type { Reader, Writer } from 'protobufjs/minimal.js';
import type { TypeSchema } from '../../type-schema.ts';

/** The wire types that Kubernetes uses. */
export const WIRE = { varint: 0, fixed64: 1, bytes: 2 } as const;

/** Encodes one value after its tag. Compiled once per schema. */
export interface ValueCodec {
  readonly wireType: (typeof WIRE)[keyof typeof WIRE];
  write(writer: Writer, value: unknown): void;
  read(reader: Reader): unknown;
  /** The value that Go encodes for a field that isn't a pointer and was never set. */
  readonly zero: unknown;
}

/** Undefined for a schema that can't be encoded as protobuf. */
export type CompileValue = (schema: TypeSchema) => ValueCodec | undefined;

/** Writes a message prefixed by its length. */
export function writeMessage(writer: Writer, write: () => void): void {
  writer.fork();
  write();
  writer.ldelim();
}

export const tagOf = (number: number, wireType: number): number => ((number << 3) | wireType) >>> 0;
