import protobuf from 'protobufjs/minimal.js';
import { appendAll } from '../../../util/append-all.ts';
import { breathe, shouldYield } from '../../../util/breathe.ts';
import { joinBytes } from '../../../util/join-bytes.ts';
import { formatGroupVersion, type GroupVersionKind, gvkOf, parseGroupVersion } from '../../group-version.ts';
import { NotRegisteredError, type RuntimeObject } from '../../scheme.ts';
import type { TypeSchema } from '../../type-schema.ts';
import { DecodingError } from '../decoding-error.ts';
import type { ItemEncoding, ListHead } from '../item-encoding.ts';
import { completeKind, setKind } from '../object-kind.ts';
import type { Decoded, DecodeOptions, KindSchemas, Serializer, StreamSerializer } from '../serializer.ts';
import type { Values } from './field-part.ts';
import { MessageCodec } from './message-codec.ts';
import { limitFields, ProtobufError, readFields, requireWireType } from './read-fields.ts';
import { rawCodec, scalarCodecs } from './scalar-codecs.ts';
import { unionCodec } from './union-codec.ts';
import { tagOf, type ValueCodec, WIRE } from './value-codec.ts';

/** `k8s` followed by a zero byte. */
const PREFIX = Buffer.from([0x6b, 0x38, 0x73, 0x00]);

/** Fields of the envelope, `runtime.Unknown`, and of its type. */
const UNKNOWN = { typeMeta: 1, raw: 2, contentEncoding: 3, contentType: 4 } as const;
const TYPE_META = { apiVersion: 1, kind: 2 } as const;
/** Encoding and type of the content, both empty. */
const ENVELOPE_END = Buffer.from([tagOf(UNKNOWN.contentEncoding, 2), 0, tagOf(UNKNOWN.contentType, 2), 0]);
/** Field number of `items` in every list. */
const LIST_ITEMS = 2;

/** A kind that can't be encoded as protobuf: custom resources, Tables. */
class NotMarshalableError extends Error {
  override readonly name = 'NotMarshalableError';

  constructor(kind: string) {
    super(
      `object ${kind} does not implement the protobuf marshalling interface and cannot be encoded to a protobuf message`,
    );
  }
}

interface Envelope {
  readonly gvk: GroupVersionKind;
  readonly raw: Uint8Array;
}

/**
 * `application/vnd.kubernetes.protobuf`
 * (https://github.com/kubernetes/apimachinery/blob/master/pkg/runtime/serializer/protobuf/protobuf.go).
 */
export class ProtobufSerializer implements Serializer, ItemEncoding {
  readonly #schemas: KindSchemas;
  readonly #codecs = new Map<TypeSchema, ValueCodec | undefined>();

  constructor(schemas: KindSchemas) {
    this.#schemas = schemas;
  }

  readonly #compileValue = (schema: TypeSchema): ValueCodec | undefined => {
    if (schema.kind === 'scalar') return scalarCodecs[schema.type];
    let codec = this.#codecs.get(schema);
    if (codec === undefined) {
      codec = this.#compile(schema);
      this.#codecs.set(schema, codec);
    }
    return codec;
  };

  #compile(schema: TypeSchema): ValueCodec | undefined {
    switch (schema.kind) {
      case 'scalar':
        return scalarCodecs[schema.type];
      case 'struct':
        return new MessageCodec(schema, this.#compileValue);
      case 'untyped':
        return schema.union ? unionCodec(schema.union, this.#compileValue) : rawCodec(schema.type);
      default:
        // No type has lists of lists or maps of maps.
        return undefined;
    }
  }

  #codec(gvk: GroupVersionKind): MessageCodec {
    const schema = this.#schemas(gvk);
    const codec = schema && this.#compileValue(schema);
    if (codec instanceof MessageCodec && codec.isMarshalable()) return codec;
    throw new NotMarshalableError(gvk.kind);
  }

  decode(bytes: Uint8Array, options: DecodeOptions = {}): Decoded {
    const envelope = openEnvelope(bytes);
    const shown = (): string =>
      `runtime.TypeMeta{APIVersion:"${formatGroupVersion(envelope.gvk)}", Kind:"${envelope.gvk.kind}"}`;
    const gvk = completeKind(envelope.gvk, options, shown);
    const object = translateErrors(gvk, () => {
      const reader = protobuf.Reader.create(envelope.raw);
      if (options.budgeted) limitFields(reader);
      return this.#codec(gvk).readFields(reader, reader.len);
    }) as RuntimeObject;
    setKind(object, gvk);
    return { object, gvk, strictErrors: [] };
  }

  /** Throws `NotMarshalableError`. */
  encode(object: RuntimeObject): Uint8Array {
    return enclose(object, [this.item(object)]);
  }

  /** The message without its envelope. */
  item(object: RuntimeObject): Uint8Array {
    const writer = protobuf.Writer.create();
    this.#codec(gvkOf(object)).writeFields(writer, object as unknown as Values);
    return writer.finish();
  }

  single(kind: GroupVersionKind, item: Uint8Array): Uint8Array {
    return enclose({ apiVersion: formatGroupVersion(kind), kind: kind.kind }, [item]);
  }

  /** Relies on all lists having only metadata as field 1 and items as field 2. */
  async list(head: ListHead, items: readonly Uint8Array[]): Promise<Uint8Array> {
    const parts = [this.item(head)];
    for (const item of items) {
      const writer = protobuf.Writer.create();
      parts.push(writer.uint32(tagOf(LIST_ITEMS, WIRE.bytes)).uint32(item.length).finish(), item);
      if (shouldYield()) await breathe();
    }
    return joinBytes(enclosed(head, parts));
  }
}

function enclose(head: Pick<RuntimeObject, 'apiVersion' | 'kind'>, parts: readonly Uint8Array[]): Uint8Array {
  return Buffer.concat(enclosed(head, parts));
}

/** Wraps a message, given in parts, in its envelope. */
function enclosed(
  { apiVersion, kind }: Pick<RuntimeObject, 'apiVersion' | 'kind'>,
  parts: readonly Uint8Array[],
): Uint8Array[] {
  const writer = protobuf.Writer.create();
  writer.uint32(tagOf(UNKNOWN.typeMeta, WIRE.bytes)).fork();
  writer.uint32(tagOf(TYPE_META.apiVersion, WIRE.bytes)).string(apiVersion ?? '');
  writer
    .uint32(tagOf(TYPE_META.kind, WIRE.bytes))
    .string(kind ?? '')
    .ldelim();
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  writer.uint32(tagOf(UNKNOWN.raw, WIRE.bytes)).uint32(length);
  const all: Uint8Array[] = [PREFIX, writer.finish()];
  appendAll(all, parts);
  all.push(ENVELOPE_END);
  return all;
}

/** Converts the reader's errors to `DecodingError`. */
function translateErrors<T>(gvk: GroupVersionKind | undefined, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (
      error instanceof DecodingError ||
      error instanceof NotRegisteredError ||
      error instanceof NotMarshalableError
    ) {
      throw new DecodingError(error.message, gvk, error);
    }
    // protobufjs throws a RangeError for missing bytes and a plain Error for invalid ones.
    if (error instanceof RangeError) throw new DecodingError('unexpected EOF', gvk, error);
    if (error instanceof Error && error.constructor === Error) {
      throw new DecodingError(`proto: ${error.message}`, gvk, error);
    }
    throw error;
  }
}

function openEnvelope(bytes: Uint8Array): Envelope {
  if (bytes.length === 0) throw new DecodingError('empty data');
  if (!PREFIX.equals(bytes.subarray(0, PREFIX.length))) {
    throw new DecodingError(
      `provided data does not appear to be a protobuf message, expected prefix [${[...PREFIX].join(' ')}]`,
    );
  }
  if (bytes.length === PREFIX.length) throw new DecodingError('empty body');
  return translateErrors(undefined, () => readUnknown(bytes.subarray(PREFIX.length)));
}

function readUnknown(bytes: Uint8Array): Envelope {
  const reader = protobuf.Reader.create(bytes);
  const type = { apiVersion: '', kind: '' };
  let raw: Uint8Array = new Uint8Array();
  readFields(reader, reader.len, (number, wireType) => {
    if (number > UNKNOWN.contentType) return false;
    requireWireType(wireType, WIRE.bytes, 'Unknown');
    if (number === UNKNOWN.raw) raw = reader.bytes();
    else if (number === UNKNOWN.typeMeta) {
      readFields(reader, reader.uint32(), (field, fieldType) => {
        if (field > TYPE_META.kind) return false;
        requireWireType(fieldType, WIRE.bytes, 'TypeMeta');
        type[field === TYPE_META.kind ? 'kind' : 'apiVersion'] = reader.string();
        return true;
      });
    } else reader.skipType(wireType);
    return true;
  });
  const gv = parseGroupVersion(type.apiVersion);
  if (gv === undefined) throw new ProtobufError(`unexpected GroupVersion string: ${type.apiVersion}`);
  return { gvk: { ...gv, kind: type.kind }, raw };
}

/** Fields of `metav1.WatchEvent`, and of the extension with the object. */
const WATCH_EVENT = { type: 1, object: 2 } as const;
const RAW_EXTENSION_RAW = 1;
const LENGTH_BYTES = 4;

/** Watch events, each prefixed by its length as four bytes. */
export const protobufStreamSerializer: StreamSerializer = {
  contentType: 'application/vnd.kubernetes.protobuf;stream=watch',
  isText: false,
  lengthBytes: LENGTH_BYTES,
  encodeEvent(type, object) {
    const writer = protobuf.Writer.create();
    writer.uint32(tagOf(WATCH_EVENT.type, WIRE.bytes)).string(type);
    writer.uint32(tagOf(WATCH_EVENT.object, WIRE.bytes)).fork();
    writer.uint32(tagOf(RAW_EXTENSION_RAW, WIRE.bytes)).bytes(object).ldelim();
    const event = writer.finish();
    const frame = Buffer.allocUnsafe(LENGTH_BYTES + event.length);
    frame.writeUInt32BE(event.length);
    frame.set(event, LENGTH_BYTES);
    return frame;
  },
};
