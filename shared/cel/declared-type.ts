/**
 * The CEL type declared by a schema, with bounds on the size of its values
 * (https://github.com/kubernetes/apiserver/blob/master/pkg/cel/common/schemas.go, pkg/cel/types.go).
 */

import { highest } from '../util/extremes.ts';
import type { StructDeclaration } from './declaration.ts';
import { escapeName, reservedField } from './escaping.ts';
import { type CelSchema, valuesOf, withTypeAndObjectMeta } from './schema.ts';
import {
  BOOL,
  BYTES,
  type CelType,
  DOUBLE,
  DURATION,
  DYN,
  INT,
  listType,
  mapType,
  objectType,
  STRING,
  TIMESTAMP,
} from './type.ts';

/** Bytes. Fixed, independent of the server's limit: admitted expressions must remain admitted. */
const MAX_REQUEST_SIZE = 3 * 1024 * 1024;

export interface DeclaredType {
  readonly type: CelType;
  /** Bytes of the smallest JSON encoding of a value. */
  readonly minSerializedSize: number;
  /** Characters, bytes, items or entries; 0 for types without a size. */
  readonly maxElements: number;
  /** Of maps and lists. */
  readonly key?: DeclaredType | undefined;
  readonly element?: DeclaredType | undefined;
  /** Of objects, by escaped name. */
  readonly fields?: ReadonlyMap<string, DeclaredType> | undefined;
}

function simple(type: CelType, minSerializedSize: number, maxElements = 0): DeclaredType {
  return { type, minSerializedSize, maxElements };
}

const STRING_KEY = simple(STRING, 2);
const WHOLE_REQUEST = MAX_REQUEST_SIZE - 2;

/**
 * The type of values of `schema`; undefined if expressions can't access them. Objects are named after `name` and their
 * path below it. `isResourceRoot`: the schema is the root of a resource, which always has a kind and metadata.
 */
export function declaredType(
  schema: CelSchema,
  name: string,
  isResourceRoot = false,
): DeclaredType | undefined {
  if (schema['x-kubernetes-int-or-string']) {
    return simple(DYN, 1, schema.maxLength === undefined ? WHOLE_REQUEST : maxBytes(schema.maxLength));
  }
  const resource = isResourceRoot ? withTypeAndObjectMeta(schema) : schema;
  switch (resource.type) {
    case 'array':
      return arrayType(resource, name);
    case 'object':
      return objectOrMap(resource, name);
    case 'string':
      return stringType(resource);
    case 'boolean':
      return simple(BOOL, 4);
    case 'number':
      return simple(DOUBLE, 1);
    case 'integer':
      return simple(INT, 1);
    default:
      return undefined;
  }
}

function nested(schema: CelSchema, name: string): DeclaredType | undefined {
  return declaredType(schema, name, schema['x-kubernetes-embedded-resource'] ?? false);
}

function arrayType(schema: CelSchema, name: string): DeclaredType | undefined {
  const element = schema.items === undefined ? undefined : nested(schema.items, `${name}.@idx`);
  if (element === undefined) return undefined;
  const maxElements =
    schema.maxItems === undefined
      ? Math.floor(WHOLE_REQUEST / (element.minSerializedSize + 1))
      : Math.max(0, schema.maxItems);
  return { type: listType(element.type), minSerializedSize: 2, maxElements, element };
}

function objectOrMap(schema: CelSchema, name: string): DeclaredType | undefined {
  const values = valuesOf(schema);
  if (values !== undefined) {
    const element = nested(values, `${name}.@elem`);
    if (element === undefined) return undefined;
    const maxElements =
      schema.maxProperties === undefined
        ? Math.floor(WHOLE_REQUEST / (element.minSerializedSize + 6))
        : Math.max(0, schema.maxProperties);
    return {
      type: mapType(STRING, element.type),
      minSerializedSize: 2,
      maxElements,
      key: STRING_KEY,
      element,
    };
  }
  const required = new Set(schema.required);
  const fields = new Map<string, DeclaredType>();
  let minSerializedSize = 2;
  for (const [property, propertySchema] of Object.entries(schema.properties ?? {})) {
    const escaped = escapeName(property);
    const field = nested(propertySchema, `${name}.${escaped ?? property}`);
    if (field === undefined) continue;
    if (escaped !== undefined) fields.set(escaped, field);
    if (required.has(property) && propertySchema.default === undefined) {
      minSerializedSize += Buffer.byteLength(property) + field.minSerializedSize + 4;
    }
  }
  return { type: objectType(name), minSerializedSize, maxElements: 0, fields };
}

function stringType(schema: CelSchema): DeclaredType {
  switch (schema.format) {
    case 'byte':
      return simple(BYTES, 2, schema.maxLength === undefined ? WHOLE_REQUEST : Math.max(0, schema.maxLength));
    case 'duration':
      return simple(DURATION, 3, 32);
    case 'date':
      return simple(TIMESTAMP, 12, 12);
    case 'date-time':
      return simple(TIMESTAMP, 21, 32);
    default:
  }
  if (schema.maxLength !== undefined) return simple(STRING, 2, maxBytes(schema.maxLength));
  const longest = highest(enumSizes(schema), 0);
  return simple(STRING, 2, schema.enum === undefined || schema.enum.length === 0 ? WHOLE_REQUEST : longest);
}

function enumSizes(schema: CelSchema): number[] {
  return (schema.enum ?? []).map((value) => (typeof value === 'string' ? Buffer.byteLength(value) : 0));
}

/** maxLength counts characters of up to four bytes. */
function maxBytes(maxLength: number): number {
  return Math.max(0, maxLength) * 4;
}

/** All object types within a declared type, as struct declarations for an environment. */
export function structsOf(root: DeclaredType): StructDeclaration[] {
  const structs: StructDeclaration[] = [];
  const visit = (type: DeclaredType | undefined): void => {
    if (type === undefined) return;
    visit(type.element);
    const { fields } = type;
    if (fields === undefined) return;
    const field = (name: string) => fields.get(name) ?? fields.get(reservedField(name));
    structs.push({ name: type.type.name, type: type.type, field: (name) => field(name)?.type });
    for (const field of fields.values()) visit(field);
  };
  visit(root);
  return structs;
}

/**
 * Maximum number of values of this minimum size in one request: how often a rule below unbounded lists and maps may
 * run.
 */
export function maxCardinality(minSerializedSize: number): number {
  return Math.floor(MAX_REQUEST_SIZE / (minSerializedSize + 1));
}
