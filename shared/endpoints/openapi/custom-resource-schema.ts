/**
 * The published form of a custom resource's schema
 * (https://github.com/kubernetes/apiextensions-apiserver/tree/master/pkg/controller/openapi).
 */

import type { JSONSchemaProps } from '../../apis/apiextensions/v1/types.ts';
import { isJSONObject } from '../../util/json.ts';
import type { OpenAPISchema, OpenAPIVersion } from './openapi-model.ts';

/** Keywords that are published unchanged. */
const KEYWORDS: readonly (keyof JSONSchemaProps)[] = [
  'description',
  'title',
  'type',
  'format',
  'default',
  'example',
  'externalDocs',
  'maximum',
  'exclusiveMaximum',
  'minimum',
  'exclusiveMinimum',
  'multipleOf',
  'maxLength',
  'minLength',
  'pattern',
  'maxItems',
  'minItems',
  'uniqueItems',
  'maxProperties',
  'minProperties',
  'enum',
  'required',
  'nullable',
  'x-kubernetes-preserve-unknown-fields',
  'x-kubernetes-embedded-resource',
  'x-kubernetes-int-or-string',
  'x-kubernetes-list-map-keys',
  'x-kubernetes-list-type',
  'x-kubernetes-map-type',
  'x-kubernetes-validations',
];
const JUNCTORS = ['allOf', 'anyOf', 'oneOf'] as const;

type Visit = (schema: JSONSchemaProps) => OpenAPISchema;

function visitMembers(schema: JSONSchemaProps, visit: Visit): OpenAPISchema {
  const { items, properties, additionalProperties } = schema;
  return {
    ...(isJSONObject(items) && { items: visit(items as JSONSchemaProps) }),
    ...(properties && {
      properties: Object.fromEntries(
        Object.entries(properties).map(([name, property]) => [name, visit(property)]),
      ),
    }),
    ...(typeof additionalProperties === 'boolean' && { additionalProperties }),
    ...(isJSONObject(additionalProperties) && {
      additionalProperties: visit(additionalProperties as JSONSchemaProps),
    }),
  };
}

function keywords(schema: JSONSchemaProps): OpenAPISchema {
  const kept: OpenAPISchema = {};
  for (const keyword of KEYWORDS) {
    const value = schema[keyword];
    if (value !== undefined && value !== null && value !== false) kept[keyword] = value;
  }
  return kept;
}

const INTEGER_OR_STRING: readonly JSONSchemaProps[] = [{ type: 'integer' }, { type: 'string' }];

const isIntegerOrString = (anyOf: readonly JSONSchemaProps[] | null | undefined): boolean =>
  anyOf?.length === 2 && anyOf[0]!.type === 'integer' && anyOf[1]!.type === 'string';

/** Adds the standard equivalent of `x-kubernetes-int-or-string`, which other readers don't know. */
function unfold(schema: JSONSchemaProps): JSONSchemaProps {
  const said = isIntegerOrString(schema.anyOf) || isIntegerOrString(schema.allOf?.[0]?.anyOf);
  if (!schema['x-kubernetes-int-or-string'] || said) return schema;
  const anyOf = [...INTEGER_OR_STRING];
  return schema.anyOf ? { ...schema, allOf: [{ anyOf }, ...(schema.allOf ?? [])] } : { ...schema, anyOf };
}

function toVersion3(folded: JSONSchemaProps): OpenAPISchema {
  const schema = unfold(folded);
  const result = { ...keywords(schema), ...visitMembers(schema, toVersion3) };
  for (const junctor of JUNCTORS) {
    const schemas = schema[junctor];
    if (schemas) result[junctor] = schemas.map(toVersion3);
  }
  if (schema.not) result['not'] = toVersion3(schema.not);
  return result;
}

/** OpenAPI 2 has neither alternatives nor null, and its readers reject fields that aren't listed. */
function toVersion2(schema: JSONSchemaProps): OpenAPISchema {
  const preserves = schema['x-kubernetes-preserve-unknown-fields'] === true;
  const { nullable, ...result } = { ...keywords(schema), ...visitMembers(schema, toVersion2) };
  if (nullable || preserves) {
    delete result['items'];
    delete result['properties'];
  }
  const isBareList = result['type'] === 'array' && result['items'] === undefined;
  if (nullable || isBareList || (preserves && result['type'] === 'object')) delete result['type'];
  const members = schema.properties ?? {};
  const required = (schema.required ?? []).filter(
    (name) => !(Object.hasOwn(members, name) && members[name]!.nullable),
  );
  if (required.length > 0) result['required'] = required;
  else delete result['required'];
  return result;
}

export function customResourceSchema(schema: JSONSchemaProps, version: OpenAPIVersion): OpenAPISchema {
  return version === 3 ? toVersion3(schema) : toVersion2(schema);
}
