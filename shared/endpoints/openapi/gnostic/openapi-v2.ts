/** OpenAPI 2 as gnostic's `openapi.v2.Document`, which kubectl and client-go request. */

import {
  encodeLengthDelimited,
  encodeMessage,
  type FieldType,
  type Message,
  type MessageField,
  type Messages,
} from './message-writer.ts';

const string = (number: number): MessageField => ({ number, type: 'string' });
const strings = (number: number): MessageField => ({ number, type: 'string', repeated: true });
const boolean = (number: number): MessageField => ({ number, type: 'boolean' });
const int64 = (number: number): MessageField => ({ number, type: 'int64' });
const double = (number: number): MessageField => ({ number, type: 'double' });
const any = (number: number): MessageField => ({ number, type: 'any' });
const message = (number: number, name: string): MessageField => ({ number, type: { message: name } });
const named = (number: number, type: FieldType): MessageField => ({ number, type: { named: type } });

const isReference = (value: unknown): boolean => Object.hasOwn(value as object, '$ref');

/** `ParametersItem` holds a reference or a `Parameter`, which in turn is a body parameter or another kind. */
const parameterItem: FieldType = {
  oneOf: (value) => (isReference(value) ? [2, { message: 'JsonReference' }] : [1, parameter]),
};
const parameter: FieldType = {
  oneOf: (value) =>
    (value as { in: string }).in === 'body' ? [1, { message: 'BodyParameter' }] : [2, nonBodyParameter],
};
const NON_BODY: Readonly<Record<string, readonly [number, string]>> = {
  header: [1, 'HeaderParameter'],
  formData: [2, 'QueryParameter'],
  query: [3, 'QueryParameter'],
  path: [4, 'HeaderParameter'],
};
const nonBodyParameter: FieldType = {
  oneOf: (value) => {
    const [number, name] = NON_BODY[(value as { in: string }).in]!;
    return [number, { message: name }];
  },
};
const schema: FieldType = { message: 'Schema' };
const responseValue: FieldType = {
  oneOf: (value) => (isReference(value) ? [2, { message: 'JsonReference' }] : [1, { message: 'Response' }]),
};

/** Query parameters have one field more than others, which shifts all later field numbers. */
function parameterMessage(shift: 0 | 1): Message {
  return {
    fields: {
      required: boolean(1),
      in: string(2),
      description: string(3),
      name: string(4),
      type: string(5 + shift),
      format: string(6 + shift),
      uniqueItems: boolean(19 + shift),
    },
    extensions: 22 + shift,
  };
}

const MESSAGES: Messages = {
  Document: {
    fields: {
      swagger: string(1),
      info: message(2, 'Info'),
      schemes: strings(5),
      consumes: strings(6),
      produces: strings(7),
      paths: message(8, 'Paths'),
      definitions: message(9, 'Definitions'),
      parameters: message(10, 'ParameterDefinitions'),
      security: { number: 12, type: { message: 'SecurityRequirement' }, repeated: true },
      securityDefinitions: named(13, { oneOf: () => [2, { message: 'ApiKeySecurity' }] }),
    },
    extensions: 16,
  },
  Info: { fields: { title: string(1), version: string(2), description: string(3) }, extensions: 7 },
  Definitions: { members: { number: 1, type: schema } },
  ParameterDefinitions: { members: { number: 1, type: parameter } },
  Paths: { extensions: 1, members: { number: 2, type: { message: 'PathItem' } } },
  PathItem: {
    fields: {
      $ref: string(1),
      get: message(2, 'Operation'),
      put: message(3, 'Operation'),
      post: message(4, 'Operation'),
      delete: message(5, 'Operation'),
      options: message(6, 'Operation'),
      head: message(7, 'Operation'),
      patch: message(8, 'Operation'),
      parameters: { number: 9, type: parameterItem, repeated: true },
    },
    extensions: 10,
  },
  Operation: {
    fields: {
      tags: strings(1),
      summary: string(2),
      description: string(3),
      operationId: string(5),
      produces: strings(6),
      consumes: strings(7),
      parameters: { number: 8, type: parameterItem, repeated: true },
      responses: message(9, 'Responses'),
      schemes: strings(10),
      deprecated: boolean(11),
      security: { number: 12, type: { message: 'SecurityRequirement' }, repeated: true },
    },
    extensions: 13,
  },
  Responses: { extensions: 2, members: { number: 1, type: responseValue } },
  Response: {
    fields: { description: string(1), schema: { number: 2, type: { oneOf: () => [1, schema] } } },
    extensions: 5,
  },
  BodyParameter: {
    fields: {
      description: string(1),
      name: string(2),
      in: string(3),
      required: boolean(4),
      schema: message(5, 'Schema'),
    },
    extensions: 6,
  },
  HeaderParameter: parameterMessage(0),
  QueryParameter: parameterMessage(1),
  JsonReference: { fields: { $ref: string(1), description: string(2) } },
  Schema: {
    fields: {
      $ref: string(1),
      format: string(2),
      title: string(3),
      description: string(4),
      default: any(5),
      multipleOf: double(6),
      maximum: double(7),
      exclusiveMaximum: boolean(8),
      minimum: double(9),
      exclusiveMinimum: boolean(10),
      maxLength: int64(11),
      minLength: int64(12),
      pattern: string(13),
      maxItems: int64(14),
      minItems: int64(15),
      uniqueItems: boolean(16),
      maxProperties: int64(17),
      minProperties: int64(18),
      required: strings(19),
      enum: { number: 20, type: 'any', repeated: true },
      additionalProperties: {
        number: 21,
        type: { oneOf: (value) => (typeof value === 'boolean' ? [2, 'boolean'] : [1, schema]) },
      },
      type: message(22, 'TypeItem'),
      items: message(23, 'ItemsItem'),
      allOf: { number: 24, type: schema, repeated: true },
      properties: named(25, schema),
      discriminator: string(26),
      readOnly: boolean(27),
      example: any(30),
    },
    extensions: 31,
  },
  TypeItem: { itself: strings(1) },
  ItemsItem: { itself: { number: 1, type: schema, repeated: true } },
  SecurityRequirement: { members: { number: 1, type: { message: 'StringArray' } } },
  StringArray: { itself: strings(1) },
  ApiKeySecurity: {
    fields: { type: string(1), name: string(2), in: string(3), description: string(4) },
    extensions: 5,
  },
};

export const encodeOpenAPIV2 = (document: unknown): Uint8Array =>
  encodeMessage(MESSAGES, 'Document', document);

/** The sections of a document with many members. */
const SECTIONS = {
  paths: { number: 8, message: 'Paths' },
  definitions: { number: 9, message: 'Definitions' },
  parameters: { number: 10, message: 'ParameterDefinitions' },
} as const;

export type SwaggerSection = keyof typeof SECTIONS;

/** Encodes members of a section. The bytes of several calls can be concatenated. */
export const encodeMembersV2 = (section: SwaggerSection, members: unknown): Uint8Array =>
  encodeMessage(MESSAGES, SECTIONS[section].message, members);

/** The bytes that precede the members of a section. */
export const encodeSectionStart = (section: SwaggerSection, length: number): Uint8Array =>
  encodeLengthDelimited(SECTIONS[section].number, length);
