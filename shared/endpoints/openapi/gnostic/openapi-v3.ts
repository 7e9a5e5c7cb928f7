/** OpenAPI 3 as gnostic's `openapi.v3.Document`. */

import { encodeMessage, type FieldType, type MessageField, type Messages } from './message-writer.ts';

const string = (number: number): MessageField => ({ number, type: 'string' });
const strings = (number: number): MessageField => ({ number, type: 'string', repeated: true });
const boolean = (number: number): MessageField => ({ number, type: 'boolean' });
const int64 = (number: number): MessageField => ({ number, type: 'int64' });
const double = (number: number): MessageField => ({ number, type: 'double' });
const message = (number: number, name: string): MessageField => ({ number, type: { message: name } });
const named = (number: number, type: FieldType): MessageField => ({ number, type: { named: type } });
const list = (number: number, type: FieldType): MessageField => ({ number, type, repeated: true });

/** The named message, or a reference to one. */
const orReference = (name: string): FieldType => ({
  oneOf: (value) =>
    Object.hasOwn(value as object, '$ref') ? [2, { message: 'Reference' }] : [1, { message: name }],
});
const schema = orReference('Schema');
/** gnostic can represent defaults of scalars only. */
const DEFAULTS: Readonly<Record<string, readonly [number, FieldType]>> = {
  number: [1, 'double'],
  boolean: [2, 'boolean'],
  string: [3, 'string'],
};

const MESSAGES: Messages = {
  Document: {
    fields: {
      openapi: string(1),
      info: message(2, 'Info'),
      paths: message(4, 'Paths'),
      components: message(5, 'Components'),
    },
    extensions: 9,
  },
  Info: { fields: { title: string(1), description: string(2), version: string(6) }, extensions: 7 },
  Components: {
    fields: { schemas: named(1, schema), securitySchemes: named(7, orReference('SecurityScheme')) },
    extensions: 10,
  },
  SecurityScheme: {
    fields: { type: string(1), description: string(2), name: string(3), in: string(4) },
    extensions: 9,
  },
  Reference: { fields: { $ref: string(1), summary: string(2), description: string(3) } },
  Paths: { extensions: 2, members: { number: 1, type: { message: 'PathItem' } } },
  PathItem: {
    fields: {
      $ref: string(1),
      summary: string(2),
      description: string(3),
      get: message(4, 'Operation'),
      put: message(5, 'Operation'),
      post: message(6, 'Operation'),
      delete: message(7, 'Operation'),
      options: message(8, 'Operation'),
      head: message(9, 'Operation'),
      patch: message(10, 'Operation'),
      parameters: list(13, orReference('Parameter')),
    },
    extensions: 14,
  },
  Operation: {
    fields: {
      tags: strings(1),
      summary: string(2),
      description: string(3),
      operationId: string(5),
      parameters: list(6, orReference('Parameter')),
      requestBody: { number: 7, type: orReference('RequestBody') },
      responses: message(8, 'Responses'),
      deprecated: boolean(10),
    },
    extensions: 13,
  },
  Parameter: {
    fields: {
      name: string(1),
      in: string(2),
      description: string(3),
      required: boolean(4),
      schema: { number: 10, type: schema },
    },
    extensions: 14,
  },
  RequestBody: {
    fields: { description: string(1), content: named(2, { message: 'MediaType' }), required: boolean(3) },
    extensions: 4,
  },
  Responses: { extensions: 3, members: { number: 2, type: orReference('Response') } },
  Response: {
    fields: { description: string(1), content: named(3, { message: 'MediaType' }) },
    extensions: 5,
  },
  MediaType: { fields: { schema: { number: 1, type: schema } }, extensions: 5 },
  Schema: {
    fields: {
      nullable: boolean(1),
      readOnly: boolean(3),
      writeOnly: boolean(4),
      example: { number: 7, type: 'any' },
      title: string(9),
      multipleOf: double(10),
      maximum: double(11),
      exclusiveMaximum: boolean(12),
      minimum: double(13),
      exclusiveMinimum: boolean(14),
      maxLength: int64(15),
      minLength: int64(16),
      pattern: string(17),
      maxItems: int64(18),
      minItems: int64(19),
      uniqueItems: boolean(20),
      maxProperties: int64(21),
      minProperties: int64(22),
      required: strings(23),
      enum: list(24, 'any'),
      type: string(25),
      allOf: list(26, schema),
      oneOf: list(27, schema),
      anyOf: list(28, schema),
      not: message(29, 'Schema'),
      items: message(30, 'ItemsItem'),
      properties: named(31, schema),
      additionalProperties: {
        number: 32,
        type: { oneOf: (value) => (typeof value === 'boolean' ? [2, 'boolean'] : [1, schema]) },
      },
      default: { number: 33, type: { oneOf: (value) => DEFAULTS[typeof value] } },
      description: string(34),
      format: string(35),
    },
    extensions: 36,
  },
  ItemsItem: { itself: list(1, schema) },
};

export const encodeOpenAPIV3 = (document: unknown): Uint8Array =>
  encodeMessage(MESSAGES, 'Document', document);
