/**
 * Encodes JSON documents as protobuf messages, driven by tables of fields (https://github.com/google/gnostic-models).
 */

import protobuf, { type Writer } from 'protobufjs/minimal.js';
import { stringifyJSON } from '../../../util/exact-json.ts';

type Scalar = 'string' | 'boolean' | 'int64' | 'double';

/**
 * The content of a field: a scalar; a message by name; `any` value as YAML; `named`, one message per member of a map;
 * or `oneOf`, the one of several messages that fits the value, empty if none does.
 */
export type FieldType =
  | Scalar
  | 'any'
  | { readonly message: string }
  | { readonly named: FieldType }
  | { readonly oneOf: (value: unknown) => readonly [number: number, type: FieldType] | undefined };

export interface MessageField {
  readonly number: number;
  readonly type: FieldType;
  readonly repeated?: boolean;
}

export interface Message {
  /** Keyed by member of the JSON object. */
  readonly fields?: Readonly<Record<string, MessageField>>;
  /** Number of the field that holds members named `x-...`. */
  readonly extensions?: number;
  /** Number and type of the field that holds all other members, as messages of a name and a value. */
  readonly members?: { readonly number: number; readonly type: FieldType };
  /** Field that holds a value that isn't an object; a list is written one element at a time. */
  readonly itself?: MessageField;
}

export type Messages = Readonly<Record<string, Message>>;

const WIRE: Readonly<Record<Scalar, number>> = { string: 2, boolean: 0, int64: 0, double: 1 };
const NAME = 1;
const VALUE = 2;
/** Field number of the YAML text in `Any`. */
const YAML = 2;

const tag = (number: number, wireType: number): number => (number << 3) | wireType;

class MessageWriter {
  readonly #messages: Messages;
  readonly writer: Writer = protobuf.Writer.create();

  constructor(messages: Messages) {
    this.#messages = messages;
  }

  message(name: string, value: unknown): void {
    const { fields = {}, extensions, members, itself } = this.#messages[name]!;
    if (itself !== undefined) {
      this.#field(itself, value);
      return;
    }
    for (const [key, member] of Object.entries(value as object)) {
      const field = Object.hasOwn(fields, key) ? fields[key] : undefined;
      if (field !== undefined) this.#field(field, member);
      else if (key.startsWith('x-') && extensions !== undefined) this.#named(extensions, key, member, 'any');
      else if (members !== undefined) this.#named(members.number, key, member, members.type);
    }
  }

  #field({ number, type, repeated }: MessageField, value: unknown): void {
    if (repeated && Array.isArray(value)) for (const element of value) this.#value(number, type, element);
    else this.#value(number, type, value);
  }

  #named(number: number, name: string, value: unknown, type: FieldType): void {
    this.#nested(number, () => {
      this.writer.uint32(tag(NAME, WIRE.string)).string(name);
      this.#value(VALUE, type, value);
    });
  }

  #value(number: number, type: FieldType, value: unknown): void {
    if (type === 'any') {
      // JSON is valid YAML.
      this.#nested(number, () => this.writer.uint32(tag(YAML, WIRE.string)).string(stringifyJSON(value)));
    } else if (typeof type === 'string') this.#scalar(number, type, value);
    else if ('message' in type) this.#nested(number, () => this.message(type.message, value));
    else if ('named' in type) {
      this.#nested(number, () => {
        for (const [name, member] of Object.entries(value as object))
          this.#named(1, name, member, type.named);
      });
    } else {
      const chosen = type.oneOf(value);
      this.#nested(number, () => {
        if (chosen !== undefined) this.#value(chosen[0], chosen[1], value);
      });
    }
  }

  #scalar(number: number, type: Scalar, value: unknown): void {
    const writer = this.writer.uint32(tag(number, WIRE[type]));
    if (type === 'string') writer.string(String(value));
    else if (type === 'boolean') writer.bool(value as boolean);
    else if (type === 'int64') writer.int64(value as number);
    else writer.double(value as number);
  }

  #nested(number: number, write: () => void): void {
    this.writer.uint32(tag(number, WIRE.string)).fork();
    write();
    this.writer.ldelim();
  }
}

/** Encodes a document. Members without a field in the tables are omitted. */
export function encodeMessage(messages: Messages, name: string, document: unknown): Uint8Array {
  const writer = new MessageWriter(messages);
  writer.message(name, document);
  return writer.writer.finish();
}

/** The prefix of a length-delimited field: its tag and length. */
export function encodeLengthDelimited(number: number, length: number): Uint8Array {
  return protobuf.Writer.create().uint32(tag(number, WIRE.string)).uint32(length).finish();
}
