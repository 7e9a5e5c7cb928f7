import { beforeAll, describe, expect, test } from 'vitest';
import {
  validateDefinition,
  validateDefinitionUpdate,
} from '../../../shared/apiextensions/definition/definition-validation.ts';
import {
  type SchemaTools,
  SchemaToolsLoader,
} from '../../../shared/apiextensions/definition/schema-tools.ts';
import type { Definition } from '../../../shared/apis/apiextensions/definition.ts';
import type {
  CustomResourceDefinitionVersion,
  JSONSchemaProps,
} from '../../../shared/apis/apiextensions/v1/types.ts';
import { builtinTypeTables } from '../../../shared/apis/type-tables.ts';
import { formatFieldError } from '../../../shared/meta/field-error.ts';
import { atOnce } from '../../../shared/util/breathe.ts';
import { definition, version } from '../../fixtures/apiextensions/definition.ts';

let tools: SchemaTools;
beforeAll(async () => {
  tools = await new SchemaToolsLoader(builtinTypeTables()).loadWithRules();
});

const LABEL_TEXT =
  "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')";

const versions = (...all: Partial<CustomResourceDefinitionVersion>[]): CustomResourceDefinitionVersion[] =>
  all.map((one) => version(one));
const names = { plural: 'crontabs', singular: 'crontab', kind: 'CronTab', listKind: 'CronTabList' };

type Row = readonly [string, Definition, readonly string[]];

const CREATE: readonly Row[] = [
  ['good', definition(), []],
  ['no group', definition({ group: '' }), ['spec.group: Required value']],
  [
    'a group without a dot',
    definition({ group: 'example' }),
    ['spec.group: Invalid value: "example": should be a domain with at least one dot'],
  ],
  ['no scope', definition({ scope: '' }), ['spec.scope: Required value']],
  [
    'an unknown scope',
    definition({ scope: 'World' }),
    ['spec.scope: Unsupported value: "World": supported values: "Cluster", "Namespaced"'],
  ],
  [
    'no schema',
    definition({ versions: versions({ schema: undefined }) }),
    ['spec.versions[0].schema.openAPIV3Schema: Required value'],
  ],
  [
    'no names',
    definition({ names: { plural: '', kind: '' } }),
    [
      'spec.names.plural: Required value',
      'spec.names.singular: Required value',
      'spec.names.kind: Required value',
      'spec.names.listKind: Required value',
    ],
  ],
  [
    'equal kind and listKind',
    definition({ names: { ...names, listKind: 'CronTab' } }),
    ['spec.names.listKind: Invalid value: "CronTab": kind and listKind may not be the same'],
  ],
  [
    'bad names',
    definition({ names: { ...names, shortNames: ['C'] } }),
    [`spec.names.shortNames[0]: Invalid value: "C": ${LABEL_TEXT}`],
  ],
  [
    'bad version name',
    definition(
      { versions: versions({ name: '1' }) },
      { status: { acceptedNames: { plural: '', kind: '' }, storedVersions: ['1'] } },
    ),
    [
      `spec.versions[0].name: Invalid value: "1": ${LABEL_TEXT}`,
      `spec.version: Invalid value: "1": ${LABEL_TEXT}`,
    ],
  ],
  [
    'no storage version',
    definition({ versions: versions({ storage: false }) }),
    [
      'spec.versions: Invalid value: [{"Name":"v1","Served":true,"Storage":false,"Deprecated":false,"DeprecationWarning":null,"Schema":null,"Subresources":null,"AdditionalPrinterColumns":null,"SelectableFields":null}]: must have exactly one version marked as storage version',
    ],
  ],
  [
    'stored versions that no longer exist',
    definition({}, { status: { acceptedNames: { plural: '', kind: '' }, storedVersions: ['v0'] } }),
    [
      'status.storedVersions: Invalid value: ["v0"]: must have the storage version v1',
      'status.storedVersions[0]: Invalid value: "v0": missing from spec.versions; v0 was previously a storage version, and must remain in spec.versions until a storage migration ensures no data remains persisted in v0 and removes v0 from status.storedVersions',
    ],
  ],
  [
    'a schema shared by all versions is validated once',
    definition({ versions: versions({ schema: { openAPIV3Schema: {} } }) }),
    ['spec.validation.openAPIV3Schema.type: Required value: must not be empty at the root'],
  ],
  [
    'schemas that differ',
    definition({ versions: versions({}, { name: 'v2', storage: false, schema: { openAPIV3Schema: {} } }) }),
    ['spec.versions[1].schema.openAPIV3Schema.type: Required value: must not be empty at the root'],
  ],
  [
    'preserveUnknownFields',
    definition({ preserveUnknownFields: true }),
    [
      'spec.preserveUnknownFields: Invalid value: true: cannot set to true, set x-kubernetes-preserve-unknown-fields to true in spec.versions[*].schema instead',
    ],
  ],
  [
    "a warning for a version that isn't deprecated",
    definition({ versions: versions({ deprecationWarning: 'old' }) }),
    ['spec.versions[0].deprecationWarning: Invalid value: "old": can only be set for deprecated versions'],
  ],
  [
    'an invalid warning',
    definition({ versions: versions({ deprecated: true, deprecationWarning: 'ä\n' }) }),
    [
      'spec.versions[0].deprecationWarning: Invalid value: "ä\\n": must only contain printable UTF-8 characters; non-printable character found at index 2',
    ],
  ],
  [
    'scale',
    definition({
      versions: versions({
        subresources: {
          scale: { specReplicasPath: '.status.a', statusReplicasPath: '', labelSelectorPath: 'x' },
        },
      }),
    }),
    [
      'spec.subresources.scale.specReplicasPath: Invalid value: ".status.a": should be a json path under .spec',
      'spec.subresources.scale.statusReplicasPath: Required value',
      'spec.subresources.scale.labelSelectorPath: Invalid value: "x": must be a simple json path starting with .',
    ],
  ],
  [
    'columns',
    definition({
      versions: versions({
        additionalPrinterColumns: [{ name: '', type: 'text', format: 'x', jsonPath: 'spec' }],
      }),
    }),
    [
      'spec.additionalPrinterColumns[0].name: Required value',
      'spec.additionalPrinterColumns[0].type: Invalid value: "text": must be one of boolean,date,integer,number,string',
      'spec.additionalPrinterColumns[0].format: Invalid value: "x": must be one of byte,date,date-time,double,float,int32,int64,password',
      'spec.additionalPrinterColumns[0].JSONPath: Invalid value: "spec": must be a simple json path starting with .',
    ],
  ],
  [
    'selectable fields',
    definition({
      versions: versions({
        selectableFields: [
          { jsonPath: '.spec.cronSpec' },
          { jsonPath: '.spec.cronSpec' },
          { jsonPath: '.spec' },
          { jsonPath: '.spec.nope' },
          { jsonPath: 'spec' },
          { jsonPath: '.metadata.name' },
          { jsonPath: '' },
        ],
      }),
    }),
    [
      'spec.selectableFields[1].jsonPath: Duplicate value: ".spec.cronSpec"',
      'spec.selectableFields[2].jsonPath: Invalid value: ".spec": must point to a field of type string, boolean or integer. Enum string fields and strings with formats are allowed.',
      'spec.selectableFields[3].jsonPath: Invalid value: ".spec.nope": is an invalid path: does not refer to a valid field',
      'spec.selectableFields[4].jsonPath: Invalid value: "spec": is an invalid path: expected [ or . but got: spec',
      'spec.selectableFields[5].jsonPath: Invalid value: ".metadata.name": is an invalid path: does not refer to a valid field',
      'spec.selectableFields[6].jsonPath: Required value',
    ],
  ],
  [
    'webhook conversion',
    definition({
      conversion: {
        strategy: 'Webhook',
        webhook: { clientConfig: { url: 'http://u:p@/a?b#c' }, conversionReviewVersions: ['v9', 'v9'] },
      },
    }),
    [
      `spec.conversion.webhookClientConfig.url: Invalid value: "http": 'https' is the only allowed URL scheme; desired format: https://host[/path]`,
      'spec.conversion.webhookClientConfig.url: Invalid value: "": host must be specified; desired format: https://host[/path]',
      'spec.conversion.webhookClientConfig.url: Invalid value: "u:p": user information is not permitted in the URL',
      'spec.conversion.webhookClientConfig.url: Invalid value: "c": fragments are not permitted in the URL',
      'spec.conversion.webhookClientConfig.url: Invalid value: "b": query parameters are not permitted in the URL',
      'spec.conversion.conversionReviewVersions[1]: Invalid value: "v9": duplicate version',
      'spec.conversion.conversionReviewVersions: Invalid value: ["v9","v9"]: must include at least one of v1, v1beta1',
    ],
  ],
  [
    'conversion without its webhook',
    definition({ conversion: { strategy: 'Webhook' } }),
    [
      'spec.conversion.webhookClientConfig: Required value: required when strategy is set to Webhook',
      'spec.conversion.conversionReviewVersions: Required value',
    ],
  ],
  [
    'a webhook without conversion',
    definition({
      conversion: {
        strategy: 'None',
        webhook: { clientConfig: { url: 'https://a' }, conversionReviewVersions: ['v1'] },
      },
    }),
    [
      'spec.conversion.webhookClientConfig: Forbidden: should not be set when strategy is not set to Webhook',
      'spec.conversion.conversionReviewVersions: Forbidden: should not be set when strategy is not set to Webhook',
    ],
  ],
  [
    'a protected group',
    definition({ group: 'apps.k8s.io' }),
    [
      'metadata.annotations[api-approved.kubernetes.io]: Required value: protected groups must have approval annotation "api-approved.kubernetes.io", see https://github.com/kubernetes/enhancements/pull/1111',
    ],
  ],
  [
    'a bad approval',
    definition(
      { group: 'apps.k8s.io' },
      { metadata: { annotations: { 'api-approved.kubernetes.io': 'yes' } } },
    ),
    [
      'metadata.annotations[api-approved.kubernetes.io]: Invalid value: "yes": protected groups must have approval annotation "api-approved.kubernetes.io" with either a URL or a reason starting with "unapproved", see https://github.com/kubernetes/enhancements/pull/1111',
    ],
  ],
  [
    'an approval',
    definition(
      { group: 'apps.k8s.io' },
      { metadata: { annotations: { 'api-approved.kubernetes.io': 'https://a.example/b' } } },
    ),
    [],
  ],
];

test.each(CREATE)('create: %s', (_, object, expected) => {
  expect(atOnce(validateDefinition(object, 'v1', tools)).map(formatFieldError)).toEqual(expected);
});

const inSpec = (schema: JSONSchemaProps, more: JSONSchemaProps = {}): Definition =>
  definition({
    versions: versions({
      schema: { openAPIV3Schema: { type: 'object', properties: { x: schema }, ...more } },
    }),
  });
const X = 'spec.validation.openAPIV3Schema.properties[x]';
const item: JSONSchemaProps = { type: 'object', properties: { k: { type: 'string' } } };

const SCHEMAS: readonly (readonly [string, Definition, readonly string[]])[] = [
  [
    'an unknown type',
    inSpec({ type: 'text' }),
    [
      `${X}.type: Unsupported value: "text": supported values: "array", "boolean", "integer", "number", "object", "string"`,
    ],
  ],
  [
    'uniqueItems',
    inSpec({ type: 'array', items: { type: 'string' }, uniqueItems: true }),
    [
      `${X}.uniqueItems: Forbidden: uniqueItems cannot be set to true since the runtime complexity becomes quadratic`,
    ],
  ],
  [
    'unsupported parts',
    inSpec({ type: 'object', $ref: '#/x', definitions: { a: { type: 'object' } } }),
    [
      `${X}.definitions: Forbidden: definitions is not supported`,
      `${X}.$ref: Forbidden: $ref is not supported`,
    ],
  ],
  [
    'items as a list',
    inSpec({ type: 'array', items: [{ type: 'string' }] }),
    [`${X}.items: Forbidden: items must be a schema object and not an array`],
  ],
  [
    'properties beside additionalProperties',
    inSpec({
      type: 'object',
      properties: { a: { type: 'string' } },
      additionalProperties: { type: 'string' },
    }),
    [`${X}.additionalProperties: Forbidden: additionalProperties and properties are mutual exclusive`],
  ],
  [
    'nullable root',
    inSpec({ type: 'string' }, { nullable: true }),
    ['spec.validation.openAPIV3Schema.nullable: Forbidden: nullable cannot be true at the root'],
  ],
  [
    'a map type without an object',
    inSpec({ type: 'string', 'x-kubernetes-map-type': 'atomic' }),
    [`${X}.type: Invalid value: "string": must be object if x-kubernetes-map-type is specified`],
  ],
  [
    'an unknown map type',
    inSpec({ type: 'object', 'x-kubernetes-map-type': 'odd' }),
    [`${X}.x-kubernetes-map-type: Unsupported value: "odd": supported values: "atomic", "granular"`],
  ],
  [
    'an unknown list type',
    inSpec({ type: 'array', items: item, 'x-kubernetes-list-type': 'odd' }),
    [`${X}.x-kubernetes-list-type: Unsupported value: "odd": supported values: "atomic", "set", "map"`],
  ],
  [
    'a set of objects',
    inSpec({ type: 'array', items: item, 'x-kubernetes-list-type': 'set' }),
    [
      `${X}.items.x-kubernetes-map-type: Invalid value: null: must be atomic as item of a list with x-kubernetes-list-type=set`,
    ],
  ],
  [
    'a map list without keys',
    inSpec({ type: 'array', items: item, 'x-kubernetes-list-type': 'map' }),
    [`${X}.x-kubernetes-list-map-keys: Required value: must not be empty if x-kubernetes-list-type is map`],
  ],
  [
    'keys without a map list',
    inSpec({ type: 'array', items: item, 'x-kubernetes-list-map-keys': ['k'] }),
    [`${X}.x-kubernetes-list-type: Required value: must be map if x-kubernetes-list-map-keys is non-empty`],
  ],
  [
    'keys that are optional',
    inSpec({
      type: 'array',
      items: item,
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['k', 'k', 'l'],
    }),
    [
      `${X}.x-kubernetes-list-map-keys: Invalid value: ["k","k","l"]: must not contain duplicate entries`,
      `${X}.x-kubernetes-list-map-keys: Invalid value: ["k","k","l"]: entries must all be names of item properties`,
      `${X}.items.properties[k].default: Required value: this property is in x-kubernetes-list-map-keys, so it must have a default or be a required property`,
      `${X}.items.properties[k].default: Required value: this property is in x-kubernetes-list-map-keys, so it must have a default or be a required property`,
    ],
  ],
  [
    'a default of another type',
    inSpec({ type: 'string', default: 1 }),
    [`${X}.default: Invalid value: "integer":  in body must be of type string: "integer"`],
  ],
  [
    'an unpruned default',
    inSpec({ type: 'object', properties: { a: { type: 'string' } }, default: { b: 1 } }),
    [`${X}.default: Invalid value: {"b":1}: must not have unknown fields`],
  ],
  [
    'defaults in metadata',
    inSpec(
      { type: 'string' },
      {
        properties: { metadata: { type: 'object', properties: { name: { type: 'string', default: 'x' } } } },
      },
    ),
    [
      'spec.validation.openAPIV3Schema.properties[metadata].properties[name].default: Forbidden: must not be set in top-level metadata',
    ],
  ],
  ['a null default counts as no default', inSpec({ type: 'string', default: null }), []],
  [
    'rules',
    inSpec({
      type: 'object',
      properties: { a: { type: 'string' } },
      'x-kubernetes-validations': [
        { rule: ' ' },
        { rule: 'true', message: ' ' },
        { rule: 'true', message: 'a\nb' },
        { rule: 'true\n', reason: 'Bad', fieldPath: '.b', messageExpression: ' ' },
        { rule: 'a\nb' },
      ],
    }),
    [
      `${X}.x-kubernetes-validations[0].rule: Required value: rule is not specified`,
      `${X}.x-kubernetes-validations[1].message: Invalid value: " ": must be non-empty if specified`,
      `${X}.x-kubernetes-validations[2].message: Invalid value: "a\\nb": must not contain line breaks`,
      `${X}.x-kubernetes-validations[3].messageExpression: Required value: messageExpression must be non-empty if specified`,
      `${X}.x-kubernetes-validations[3].reason: Unsupported value: "Bad": supported values: "FieldValueDuplicate", "FieldValueForbidden", "FieldValueInvalid", "FieldValueRequired"`,
      `${X}.x-kubernetes-validations[3].fieldPath: Invalid value: ".b": must be a valid path`,
      `${X}.x-kubernetes-validations[4].message: Required value: message must be specified if rule contains line breaks`,
    ],
  ],
];

test.each(SCHEMAS)('schema: %s', (_, object, expected) => {
  expect(atOnce(validateDefinition(object, 'v1', tools)).map(formatFieldError)).toEqual(expected);
});

describe('update', () => {
  const established = { type: 'Established', status: 'True' };
  const stored = (object: Definition): Definition => ({
    ...object,
    status: { ...object.status, conditions: [established] },
  });
  const bad = inSpec({ type: 'text' });
  const rows: readonly (readonly [string, Definition, Definition, readonly string[]])[] = [
    [
      'the group is immutable',
      definition({ group: 'a.b' }),
      definition(),
      ['spec.group: Invalid value: "a.b": field is immutable'],
    ],
    ['scope and kind are mutable at first', definition({ scope: 'Cluster' }), definition(), []],
    [
      'scope and kind are immutable once established',
      stored(definition({ scope: 'Cluster' })),
      stored(definition()),
      ['spec.scope: Invalid value: "Cluster": field is immutable'],
    ],
    ['invalid fields may stay', bad, bad, []],
    [
      'valid fields may not become invalid',
      bad,
      definition(),
      [
        `${X}.type: Unsupported value: "text": supported values: "array", "boolean", "integer", "number", "object", "string"`,
      ],
    ],
    [
      'preserveUnknownFields may stay',
      definition({ preserveUnknownFields: true }),
      definition({ preserveUnknownFields: true }),
      [],
    ],
  ];
  test.each(rows)('%s', (_, object, old, expected) => {
    const errors = atOnce(validateDefinitionUpdate(object, old, { version: 'v1', tools }));
    expect(errors.map(formatFieldError)).toEqual(expected);
  });
});

test('v1beta1 has fewer requirements', () => {
  const object = definition({
    preserveUnknownFields: true,
    versions: versions(
      { schema: undefined },
      { name: 'v2', storage: false, schema: { openAPIV3Schema: { properties: { a: {} } } } },
    ),
  });
  expect(atOnce(validateDefinition(object, 'v1beta1', tools))).toEqual([]);
});
