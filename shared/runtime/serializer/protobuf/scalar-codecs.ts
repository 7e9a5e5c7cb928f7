/** Codecs of scalars; types with a JSON form of their own are messages. */

import type { Reader } from 'protobufjs/minimal.js';
import { parseJSON, stringifyJSON } from '../../../util/exact-json.ts';
import { QuantityError } from '../../quantity.ts';
import type { ScalarType, UntypedSchema } from '../../type-schema.ts';
import { formatDuration, parseDuration } from '../scalars/duration.ts';
import { canonicalQuantity } from '../scalars/quantity.ts';
import { formatTime, type Instant, parseTime, type TimeType } from '../scalars/time.ts';
import { ProtobufError, readMessage, requireWireType } from './read-fields.ts';
import { type ValueCodec, WIRE, writeMessage } from './value-codec.ts';

/** protobufjs's representation of 64-bit integers. */
interface Long {
  readonly low: number;
  readonly high: number;
  readonly unsigned: boolean;
}

/** A number, or a bigint outside of the safe range. */
function fromLong(value: unknown): number | bigint {
  if (typeof value === 'number') return value;
  const { low, high } = value as Long;
  const number = high * 2 ** 32 + (low >>> 0);
  return Number.isSafeInteger(number) ? number : (BigInt(high) << 32n) | BigInt(low >>> 0);
}

function toLong(value: bigint): Long {
  const [low, high] = [0n, 32n].map((shift) => Number(BigInt.asIntN(32, value >> shift)));
  return { low: low!, high: high!, unsigned: false };
}

const string: ValueCodec = {
  wireType: WIRE.bytes,
  write: (writer, value) => void writer.string(value as string),
  read: (reader) => reader.string(),
  zero: '',
};

const bytes: ValueCodec = {
  wireType: WIRE.bytes,
  write: (writer, value) => void writer.bytes(Buffer.from(value as string, 'base64')),
  read: (reader) => Buffer.from(reader.bytes()).toString('base64'),
  zero: null,
};

const boolean: ValueCodec = {
  wireType: WIRE.varint,
  write: (writer, value) => void writer.bool(value as boolean),
  read: (reader) => reader.bool(),
  zero: false,
};

const int32: ValueCodec = {
  wireType: WIRE.varint,
  write: (writer, value) => void writer.int32(value as number),
  read: (reader) => reader.int32(),
  zero: 0,
};

const int64: ValueCodec = {
  wireType: WIRE.varint,
  write: (writer, value) => {
    writer.int64((typeof value === 'bigint' ? toLong(value) : value) as number);
  },
  read: (reader) => fromLong(reader.int64()),
  zero: 0,
};

const double: ValueCodec = {
  wireType: WIRE.fixed64,
  write: (writer, value) => void writer.double(value as number),
  read: (reader) => reader.double(),
  zero: 0,
};

/** Reads the fields of a small message by number. */
function readNumbered(reader: Reader, codecs: Readonly<Record<number, ValueCodec>>): Record<number, unknown> {
  const values: Record<number, unknown> = {};
  readMessage(reader, (number, wireType) => {
    const codec = codecs[number];
    if (codec === undefined) return false;
    requireWireType(wireType, codec.wireType, String(number));
    values[number] = codec.read(reader);
    return true;
  });
  return values;
}

const quantity: ValueCodec = {
  wireType: WIRE.bytes,
  write: (writer, value) => writeMessage(writer, () => writer.uint32(10).string(value as string)),
  read(reader) {
    const text = readNumbered(reader, { 1: string })[1] as string | undefined;
    try {
      return text === undefined ? '0' : canonicalQuantity(text);
    } catch (error) {
      throw error instanceof QuantityError ? new ProtobufError(error.message) : error;
    }
  },
  zero: '0',
};

const intOrString: ValueCodec = {
  wireType: WIRE.bytes,
  write(writer, value) {
    const isString = typeof value === 'string';
    writeMessage(writer, () => {
      writer.uint32(8).int64(isString ? 1 : 0);
      writer.uint32(16).int32(isString ? 0 : (value as number));
      writer.uint32(26).string(isString ? value : '');
    });
  },
  read(reader) {
    const { 1: type, 2: integer, 3: text } = readNumbered(reader, { 1: int64, 2: int32, 3: string });
    if (type === 1) return text ?? '';
    if (type === 0 || type === undefined) return integer ?? 0;
    throw new ProtobufError('impossible IntOrString.Type');
  },
  zero: 0,
};

function time(type: TimeType): ValueCodec {
  return {
    wireType: WIRE.bytes,
    write(writer, value) {
      writeMessage(writer, () => {
        if (value === null) return;
        const { seconds, nanos } = parseTime(type, value as string);
        writer.uint32(8).int64(seconds);
        writer.uint32(16).int32(nanos);
      });
    },
    read(reader) {
      const start = reader.pos;
      const { 1: seconds, 2: nanos } = readNumbered(reader, { 1: int64, 2: int32 });
      // Go encodes its zero time as an empty message.
      if (reader.buf[start] === 0) return null;
      return formatInstant(type, { seconds: Number(seconds ?? 0), nanos: Number(nanos ?? 0) });
    },
    zero: null,
  };
}

const MAX_YEAR_9999 = 253_402_300_799;
const MIN_YEAR_0 = -62_167_219_200;

function formatInstant(type: TimeType, instant: Instant): string {
  if (instant.seconds > MAX_YEAR_9999 || instant.seconds < MIN_YEAR_0) {
    throw new ProtobufError('Time.MarshalJSON: year outside of range [0,9999]');
  }
  return formatTime(type, instant);
}

const duration: ValueCodec = {
  wireType: WIRE.bytes,
  write(writer, value) {
    const nanoseconds = parseDuration(value as string);
    // Passed as a string to keep all 64 bits, which the declared type doesn't allow.
    writeMessage(writer, () => writer.uint32(8).int64(String(nanoseconds) as unknown as number));
  },
  read(reader) {
    let nanoseconds = 0n;
    readMessage(reader, (number, wireType) => {
      if (number !== 1) return false;
      requireWireType(wireType, WIRE.varint, 'Duration');
      nanoseconds = BigInt(String(reader.int64()));
      return true;
    });
    return formatDuration(nanoseconds);
  },
  zero: '0s',
};

export const scalarCodecs: Readonly<Record<ScalarType, ValueCodec>> = {
  string,
  boolean,
  int32,
  int64,
  double,
  bytes,
  quantity,
  'int-or-string': intOrString,
  time: time('time'),
  'micro-time': time('micro-time'),
  duration,
};

function readRaw(reader: Reader): unknown {
  const encoded = readNumbered(reader, { 1: bytes })[1] as string | undefined;
  if (encoded === undefined || encoded === '') return null;
  const text = Buffer.from(encoded, 'base64').toString();
  try {
    return parseJSON(text);
  } catch {
    throw new ProtobufError('raw bytes of an extension are not JSON');
  }
}

const raw: ValueCodec = {
  wireType: WIRE.bytes,
  write(writer, value) {
    writeMessage(writer, () => {
      if (value !== null) writer.uint32(10).bytes(Buffer.from(stringifyJSON(value)));
    });
  },
  read: readRaw,
  zero: null,
};

/** Undefined for types that can't be encoded as protobuf. */
export function rawCodec(type: UntypedSchema['type']): ValueCodec | undefined {
  return type === 'any' ? undefined : raw;
}
