/**
 * Formats parts of a definition as in upstream's messages: Go's internal structs as JSON, with all fields under their
 * Go names
 * (https://github.com/kubernetes/apiextensions-apiserver/blob/master/pkg/apis/apiextensions/types_jsonschema.go).
 */

import type { JSONSchemaProps } from '../../apis/apiextensions/v1/types.ts';
import { isJSONObject } from '../../util/json.ts';

/** A field: its Go name, its name in v1, and its type; scalars are described by their zero value. */
type Field = readonly [goName: string, name: string, type: unknown];

/** A struct or its absence; lists and maps of structs; unions of v1 that are structs in Go. */
const struct = (name: string) => ({ struct: name });
const list = (name: string) => ({ list: name });
const map = (name: string) => ({ map: name });
const union = (name: string) => ({ union: name });

const STRUCTS: Readonly<Record<string, readonly Field[]>> = {
  CustomResourceDefinitionVersion: [
    ['Name', 'name', ''],
    ['Served', 'served', false],
    ['Storage', 'storage', false],
    ['Deprecated', 'deprecated', false],
    ['DeprecationWarning', 'deprecationWarning', null],
    ['Schema', 'schema', struct('CustomResourceValidation')],
    ['Subresources', 'subresources', struct('CustomResourceSubresources')],
    ['AdditionalPrinterColumns', 'additionalPrinterColumns', list('CustomResourceColumnDefinition')],
    ['SelectableFields', 'selectableFields', list('SelectableField')],
  ],
  CustomResourceValidation: [['OpenAPIV3Schema', 'openAPIV3Schema', struct('JSONSchemaProps')]],
  CustomResourceSubresources: [
    ['Status', 'status', struct('CustomResourceSubresourceStatus')],
    ['Scale', 'scale', struct('CustomResourceSubresourceScale')],
  ],
  CustomResourceSubresourceStatus: [],
  CustomResourceSubresourceScale: [
    ['SpecReplicasPath', 'specReplicasPath', ''],
    ['StatusReplicasPath', 'statusReplicasPath', ''],
    ['LabelSelectorPath', 'labelSelectorPath', null],
  ],
  CustomResourceColumnDefinition: [
    ['Name', 'name', ''],
    ['Type', 'type', ''],
    ['Format', 'format', ''],
    ['Description', 'description', ''],
    ['Priority', 'priority', 0],
    ['JSONPath', 'jsonPath', ''],
  ],
  SelectableField: [['JSONPath', 'jsonPath', '']],
  ExternalDocumentation: [
    ['Description', 'description', ''],
    ['URL', 'url', ''],
  ],
  ValidationRule: [
    ['Rule', 'rule', ''],
    ['Message', 'message', ''],
    ['MessageExpression', 'messageExpression', ''],
    ['Reason', 'reason', null],
    ['FieldPath', 'fieldPath', ''],
    ['OptionalOldSelf', 'optionalOldSelf', null],
  ],
  JSONSchemaProps: [
    ['ID', 'id', ''],
    ['Schema', '$schema', ''],
    ['Ref', '$ref', null],
    ['Description', 'description', ''],
    ['Type', 'type', ''],
    ['Nullable', 'nullable', false],
    ['Format', 'format', ''],
    ['Title', 'title', ''],
    ['Default', 'default', null],
    ['Maximum', 'maximum', null],
    ['ExclusiveMaximum', 'exclusiveMaximum', false],
    ['Minimum', 'minimum', null],
    ['ExclusiveMinimum', 'exclusiveMinimum', false],
    ['MaxLength', 'maxLength', null],
    ['MinLength', 'minLength', null],
    ['Pattern', 'pattern', ''],
    ['MaxItems', 'maxItems', null],
    ['MinItems', 'minItems', null],
    ['UniqueItems', 'uniqueItems', false],
    ['MultipleOf', 'multipleOf', null],
    ['Enum', 'enum', null],
    ['MaxProperties', 'maxProperties', null],
    ['MinProperties', 'minProperties', null],
    ['Required', 'required', null],
    ['Items', 'items', union('array')],
    ['AllOf', 'allOf', list('JSONSchemaProps')],
    ['OneOf', 'oneOf', list('JSONSchemaProps')],
    ['AnyOf', 'anyOf', list('JSONSchemaProps')],
    ['Not', 'not', struct('JSONSchemaProps')],
    ['Properties', 'properties', map('JSONSchemaProps')],
    ['AdditionalProperties', 'additionalProperties', union('boolean')],
    ['PatternProperties', 'patternProperties', map('JSONSchemaProps')],
    ['Dependencies', 'dependencies', null],
    ['AdditionalItems', 'additionalItems', union('boolean')],
    ['Definitions', 'definitions', map('JSONSchemaProps')],
    ['ExternalDocs', 'externalDocs', struct('ExternalDocumentation')],
    ['Example', 'example', null],
    ['XPreserveUnknownFields', 'x-kubernetes-preserve-unknown-fields', null],
    ['XEmbeddedResource', 'x-kubernetes-embedded-resource', false],
    ['XIntOrString', 'x-kubernetes-int-or-string', false],
    ['XListMapKeys', 'x-kubernetes-list-map-keys', null],
    ['XListType', 'x-kubernetes-list-type', null],
    ['XMapType', 'x-kubernetes-map-type', null],
    ['XValidations', 'x-kubernetes-validations', list('ValidationRule')],
  ],
};

/** The Go struct for a v1 value. */
export function internalJSON(type: keyof typeof STRUCTS, value: object): Record<string, unknown> {
  const fields = value as Record<string, unknown>;
  return Object.fromEntries(
    STRUCTS[type]!.map(([goName, name, kind]) => [goName, fieldJSON(kind, fields[name])]),
  );
}

function fieldJSON(kind: unknown, value: unknown): unknown {
  if (!isJSONObject(kind)) return value ?? kind;
  if (value === undefined || value === null) return null;
  if ('struct' in kind) return internalJSON(kind['struct'] as string, value as object);
  if ('list' in kind) return (value as object[]).map((item) => internalJSON(kind['list'] as string, item));
  if ('map' in kind) {
    const entries = Object.entries(value as object).sort(([a], [b]) => (a < b ? -1 : 1));
    return Object.fromEntries(entries.map(([key, item]) => [key, internalJSON(kind['map'] as string, item)]));
  }
  return kind['union'] === 'array' ? schemaOrArray(value) : schemaOrBoolean(value);
}

function schemaOrArray(value: unknown): object {
  if (!Array.isArray(value))
    return { Schema: internalJSON('JSONSchemaProps', value as object), JSONSchemas: null };
  return { Schema: null, JSONSchemas: value.map((item) => internalJSON('JSONSchemaProps', item)) };
}

function schemaOrBoolean(value: unknown): object {
  if (typeof value === 'boolean') return { Allows: value, Schema: null };
  return { Allows: true, Schema: internalJSON('JSONSchemaProps', value as object) };
}

const ALLOWED_AT_ROOT = [
  'Description',
  'Type',
  'Format',
  'Title',
  'Maximum',
  'ExclusiveMaximum',
  'Minimum',
  'ExclusiveMinimum',
  'MaxLength',
  'MinLength',
  'Pattern',
  'MaxItems',
  'MinItems',
  'UniqueItems',
  'MultipleOf',
  'Required',
  'Items',
  'Properties',
  'ExternalDocs',
  'Example',
  'XPreserveUnknownFields',
  'XValidations',
];

/**
 * The first field that a root schema must not have along with a status subresource: 'Type' if the type isn't object, a
 * message for any other field, undefined if there is none.
 */
export function rootSchemaProblem(schema: JSONSchemaProps): string | undefined {
  const fields = schema as Record<string, unknown>;
  for (const [goName, name, kind] of STRUCTS['JSONSchemaProps']!) {
    const value = fields[name];
    const zero = isJSONObject(kind) ? undefined : kind;
    if (value === undefined || value === null || value === zero) continue;
    if (goName === 'Type') {
      if (value !== 'object') return 'Type';
    } else if (!ALLOWED_AT_ROOT.includes(goName)) {
      return `only [${ALLOWED_AT_ROOT.join(' ')}] fields are allowed at the root of the schema if the status subresource is enabled`;
    }
  }
  return undefined;
}
