import type { Reader, Writer } from 'protobufjs/minimal.js';
import type { TypeSchema } from '../../type-schema.ts';

/** Protobuf's wire types, as far as Kubernetes uses them. */
export const WIRE = { varint: 0, fixed64: 1, bytes: 2 } as const;

/** One value on the wire, behind its tag. Compiled once per schema. */
export interface ValueCodec {
  readonly wireType: (typeof WIRE)[keyof typeof WIRE];
  write(writer: Writer, value: unknown): void;
  read(reader: Reader): unknown;
  /** What Go writes for a field that is no pointer and was never set. */
  readonly zero: unknown;
}

/** Undefined for a schema that has no form in protobuf. */
export type CompileValue = (schema: TypeSchema) => ValueCodec | undefined;

/** Writes a message with its length before it. */
export function writeMessage(writer: Writer, write: () => void): void {
  writer.fork();
  write();
  writer.ldelim();
}

export const tagOf = (number: number, wireType: number): number => ((number << 3) | wireType) >>> 0;
