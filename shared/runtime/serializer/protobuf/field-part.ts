/** The fields of a message by number. */

import type { Reader, Writer } from 'protobufjs/minimal.js';
import { setOwn } from '../../../util/json.ts';
import type { FieldSchema } from '../../type-schema.ts';
import type { TableField } from '../../type-tables.ts';
import { zeroValue } from '../field-presence.ts';
import { readMessage, requireWireType } from './read-fields.ts';
import { type CompileValue, tagOf, type ValueCodec, WIRE, writeMessage } from './value-codec.ts';

/** The fields of an object by name. */
export type Values = Record<string, unknown>;

/** A field, or an embedded struct. */
export interface Part {
  readonly number: number;
  write(writer: Writer, object: Values): void;
  /** Reads the content after the tag into `values`. */
  read(reader: Reader, wireType: number, values: Values): void;
}

/** The `repeated` field of the message that represents a named list type. */
const WRAPPED_ITEMS = 1;

function readList(
  reader: Reader,
  wireType: number,
  element: ValueCodec,
  list: unknown[],
  name: string,
): void {
  const isPacked = wireType === WIRE.bytes && element.wireType !== WIRE.bytes;
  if (!isPacked) {
    requireWireType(wireType, element.wireType, name);
    list.push(element.read(reader));
    return;
  }
  const end = reader.uint32() + reader.pos;
  while (reader.pos < end) list.push(element.read(reader));
}

function writeList(writer: Writer, number: number, element: ValueCodec, list: readonly unknown[]): void {
  const tag = tagOf(number, element.wireType);
  for (const value of list) element.write(writer.uint32(tag), value ?? element.zero);
}

/** A list encoded as a message of its own, such as `ExtraValue`. */
function wrappedListCodec(element: ValueCodec, name: string): ValueCodec {
  return {
    wireType: WIRE.bytes,
    write(writer, value) {
      writeMessage(writer, () => writeList(writer, WRAPPED_ITEMS, element, (value ?? []) as unknown[]));
    },
    read(reader) {
      const list: unknown[] = [];
      readMessage(reader, (number, wireType) => {
        if (number !== WRAPPED_ITEMS) return false;
        readList(reader, wireType, element, list, name);
        return true;
      });
      return list;
    },
    zero: null,
  };
}

/** Whether the value can be nil, which Go omits: only pointers, lists and bytes. */
function isNilable({ pointer, schema }: FieldSchema): boolean {
  return pointer || schema.kind === 'list' || (schema.kind === 'scalar' && schema.type === 'bytes');
}

function valuePart(field: FieldSchema, number: number, codec: ValueCodec): Part {
  const tag = tagOf(number, codec.wireType);
  const omitsNull = isNilable(field);
  return {
    number,
    write(writer, object) {
      const value = object[field.name] ?? null;
      if (value !== null) codec.write(writer.uint32(tag), value);
      else if (!omitsNull) codec.write(writer.uint32(tag), codec.zero);
    },
    read(reader, wireType, values) {
      requireWireType(wireType, codec.wireType, field.name);
      values[field.name] = codec.read(reader) ?? undefined;
    },
  };
}

function listPart({ name }: FieldSchema, number: number, element: ValueCodec): Part {
  return {
    number,
    write(writer, object) {
      writeList(writer, number, element, (object[name] ?? []) as unknown[]);
    },
    read(reader, wireType, values) {
      values[name] ??= [];
      readList(reader, wireType, element, values[name] as unknown[], name);
    },
  };
}

const KEY_TAG = tagOf(1, WIRE.bytes);

function mapPart({ name, schema }: FieldSchema, number: number, element: ValueCodec): Part {
  const tag = tagOf(number, WIRE.bytes);
  const valueTag = tagOf(2, element.wireType);
  const missing = (): unknown => (schema.kind === 'map' ? zeroValue(schema.element) : null);
  return {
    number,
    write(writer, object) {
      const map = (object[name] ?? {}) as Values;
      for (const key of Object.keys(map).sort()) {
        writeMessage(writer.uint32(tag), () => {
          writer.uint32(KEY_TAG).string(key);
          element.write(writer.uint32(valueTag), map[key] ?? element.zero);
        });
      }
    },
    read(reader, wireType, values) {
      requireWireType(wireType, WIRE.bytes, name);
      let key = '';
      let value: unknown;
      readMessage(reader, (entryNumber, entryType) => {
        if (entryNumber === 1) {
          requireWireType(entryType, WIRE.bytes, name);
          key = reader.string();
        } else if (entryNumber === 2) {
          requireWireType(entryType, element.wireType, name);
          value = element.read(reader);
        } else return false;
        return true;
      });
      values[name] ??= {};
      setOwn(values[name] as object, key, value ?? missing());
    },
  };
}

/** The part of a field; undefined if it can't be encoded as protobuf. */
export function fieldPart(field: FieldSchema, table: TableField, compile: CompileValue): Part | undefined {
  const { name, schema } = field;
  const number = table.pb;
  if (number === undefined) return undefined;
  if (schema.kind === 'list') {
    const element = compile(schema.element);
    if (element === undefined) return undefined;
    if (table.pbWrap === undefined) return listPart(field, number, element);
    return valuePart(field, number, wrappedListCodec(element, name));
  }
  if (schema.kind === 'map') {
    const isWrapped = schema.element.kind === 'list';
    const element = compile(schema.element.kind === 'list' ? schema.element.element : schema.element);
    if (element === undefined) return undefined;
    return mapPart(field, number, isWrapped ? wrappedListCodec(element, name) : element);
  }
  const codec = compile(schema);
  return codec && valuePart(field, number, codec);
}
