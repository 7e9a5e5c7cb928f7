/** Definitions with every schema feature, valid and invalid, and their instances. */

import type { Session, Step } from '../exchange.ts';
import { definitionOf, get, kindOf, object, patch, post, put, remove, TABLE } from './steps.ts';

const CRDS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
const GROUP = '$N.example.com';
const STRING = { type: 'string' };
const INTEGER = { type: 'integer' };
const ANY = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };
const MAP = { type: 'object', additionalProperties: STRING };

const struct = (properties: object, more: object = {}) => ({ type: 'object', properties, ...more });
const list = (items: unknown, more: object = {}) => ({ type: 'array', items, ...more });
const keyed = (items: unknown, ...keys: string[]) =>
  list(items, { 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': keys });
const rules = (...all: object[]) => ({ 'x-kubernetes-validations': all });

/** A definition whose root has these properties; `more` and `version` replace parts of its spec and its version. */
const definition = (name: string, properties: object, more: object = {}, version: object = {}) =>
  definitionOf(GROUP, name, { type: 'object', properties }, { more, version });

/** Each is used as the schema of `spec`, in a dry-run definition. */
const SCHEMAS: readonly object[] = [
  {},
  { type: 'odd' },
  { type: 'object', format: 'odd' },
  { type: 'null' },
  { type: 'array' },
  { type: 'array', items: [STRING] },
  { type: 'array', items: [] },
  list({}),
  list(STRING, { uniqueItems: true }),
  list(STRING, { minItems: -1 }),
  list(STRING, { minItems: 3, maxItems: 2 }),
  list(STRING, { 'x-kubernetes-list-type': 'odd' }),
  list(STRING, { 'x-kubernetes-list-type': 'set' }),
  list(struct({}), { 'x-kubernetes-list-type': 'set' }),
  list(struct({}, { 'x-kubernetes-map-type': 'atomic' }), { 'x-kubernetes-list-type': 'set' }),
  list(list(STRING), { 'x-kubernetes-list-type': 'set' }),
  list({ ...STRING, nullable: true }, { 'x-kubernetes-list-type': 'set' }),
  list(STRING, { 'x-kubernetes-list-type': 'map' }),
  list(STRING, { 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['a'] }),
  keyed(struct({ a: STRING })),
  keyed(struct({ a: STRING }), 'a'),
  keyed(struct({ a: STRING }, { required: ['a'] }), 'a'),
  keyed(struct({ a: { ...STRING, default: 'x' } }), 'a'),
  keyed(struct({ a: STRING }, { required: ['a'] }), 'a', 'a'),
  keyed(struct({ a: STRING }, { required: ['a'] }), 'b'),
  keyed(struct({ a: struct({}) }, { required: ['a'] }), 'a'),
  keyed(struct({ a: list(STRING) }, { required: ['a'] }), 'a'),
  keyed(struct({ a: { ...STRING, nullable: true } }, { required: ['a'] }), 'a'),
  keyed(struct({ a: STRING }, { required: ['a'], nullable: true }), 'a'),
  list(STRING, { 'x-kubernetes-list-map-keys': ['a'] }),
  struct({}, { 'x-kubernetes-list-type': 'atomic' }),
  struct({}, { 'x-kubernetes-map-type': 'odd' }),
  struct({ a: STRING }, { 'x-kubernetes-map-type': 'atomic' }),
  struct({ a: STRING }, { 'x-kubernetes-map-type': 'granular' }),
  { ...STRING, 'x-kubernetes-map-type': 'atomic' },
  struct({ a: STRING }, { additionalProperties: STRING }),
  { type: 'object', additionalProperties: true },
  { type: 'object', additionalProperties: false },
  struct({ a: STRING }, { additionalProperties: false }),
  struct({ a: STRING }, { additionalProperties: true }),
  { type: 'object', patternProperties: { a: STRING } },
  { type: 'object', dependencies: { a: ['b'] } },
  { type: 'object', definitions: { a: STRING } },
  { type: 'object', $ref: '#/a' },
  { type: 'object', $schema: 'x' },
  { type: 'object', id: 'x' },
  { type: 'object', additionalItems: STRING },
  struct({ a: STRING }, { required: ['b'] }),
  struct({ a: STRING }, { required: ['a', 'a'] }),
  struct({ a: STRING }, { required: [''] }),
  struct({ a: STRING }, { minProperties: 3, maxProperties: 1 }),
  struct({ '': STRING }),
  struct({ 'a.b/c d': STRING }),
  struct({ a: {} }),
  struct({ a: { description: 'x' } }),
  struct({ a: { ...STRING, pattern: '(' } }),
  struct({ a: { ...STRING, pattern: '^(?!a)' } }),
  struct({ a: { ...STRING, pattern: '\\p{Greek}+' } }),
  struct({ a: { ...STRING, minLength: 3, maxLength: 1 } }),
  struct({ a: { ...STRING, enum: [] } }),
  struct({ a: { ...STRING, enum: ['a', 'a'] } }),
  struct({ a: { ...STRING, enum: ['a', 1, null] } }),
  struct({ a: { ...STRING, nullable: true, enum: ['a', null] } }),
  struct({ a: { ...STRING, enum: ['a'], default: 'b' } }),
  struct({ a: { ...INTEGER, default: 'b' } }),
  struct({ a: { ...INTEGER, default: 1.5 } }),
  struct({ a: { ...INTEGER, default: null } }),
  struct({ a: { ...INTEGER, nullable: true, default: null } }),
  struct({ a: { ...INTEGER, minimum: 3, default: 1 } }),
  struct({ a: { ...INTEGER, minimum: 1, exclusiveMinimum: true, default: 1 } }),
  struct({ a: { ...INTEGER, multipleOf: 0 } }),
  struct({ a: { ...INTEGER, multipleOf: -2 } }),
  struct({ a: { ...INTEGER, format: 'int32', default: 2 ** 40 } }),
  struct({ a: { type: 'number', format: 'double', default: 1.5 } }),
  struct({ a: { type: 'boolean', default: 'true' } }),
  struct({ a: { ...STRING, format: 'date-time', default: 'x' } }),
  struct({ a: { ...STRING, format: 'nonsense', default: 'x' } }),
  struct({ a: struct({ b: STRING }, { default: { c: 1 } }) }),
  struct({ a: struct({ b: STRING }, { default: {}, required: ['b'] }) }),
  struct({ a: struct({ b: { ...STRING, default: 'x' } }, { default: {}, required: ['b'] }) }),
  struct({ a: list(STRING, { default: [1] }) }),
  struct({ a: list(STRING, { default: ['a', 'a'], 'x-kubernetes-list-type': 'set' }) }),
  struct({ a: { ...ANY, default: { x: [1, null] } } }),
  struct({ a: { 'x-kubernetes-int-or-string': true } }),
  struct({ a: { ...STRING, 'x-kubernetes-int-or-string': true } }),
  struct({ a: { 'x-kubernetes-int-or-string': true, anyOf: [{ type: 'integer' }, { type: 'string' }] } }),
  struct({ a: { 'x-kubernetes-int-or-string': true, anyOf: [{ type: 'string' }, { type: 'integer' }] } }),
  struct({
    a: {
      'x-kubernetes-int-or-string': true,
      allOf: [{ anyOf: [{ type: 'integer' }, { type: 'string' }] }, { pattern: 'x' }],
    },
  }),
  struct({ a: { 'x-kubernetes-int-or-string': true, default: 'x', pattern: '^y' } }),
  struct({ a: { 'x-kubernetes-preserve-unknown-fields': true } }),
  struct({ a: { 'x-kubernetes-preserve-unknown-fields': false } }),
  struct({ a: { ...STRING, 'x-kubernetes-preserve-unknown-fields': true } }),
  struct({ a: { type: 'object', 'x-kubernetes-embedded-resource': true } }),
  struct({ a: { ...ANY, 'x-kubernetes-embedded-resource': true } }),
  struct({ a: { ...STRING, 'x-kubernetes-embedded-resource': true } }),
  struct({ a: struct({ metadata: struct({ name: STRING }) }, { 'x-kubernetes-embedded-resource': true }) }),
  struct({
    a: struct(
      { apiVersion: INTEGER, kind: struct({}), metadata: STRING },
      { 'x-kubernetes-embedded-resource': true },
    ),
  }),
  struct({ a: struct({ metadata: struct({ labels: MAP }) }, { 'x-kubernetes-embedded-resource': true }) }),
  struct({ a: struct({}, { anyOf: [{ required: ['b'] }] }) }),
  struct({ a: struct({ b: STRING }, { anyOf: [{ properties: { b: { type: 'string' } } }] }) }),
  struct({ a: struct({ b: STRING }, { oneOf: [{ properties: { c: { minLength: 1 } } }] }) }),
  struct({
    a: struct(
      { b: STRING },
      { oneOf: [{ properties: { b: { minLength: 1 } }, required: ['b'] }, { maxProperties: 0 }] },
    ),
  }),
  struct({ a: struct({ b: STRING }, { allOf: [{ description: 'x' }] }) }),
  struct({ a: struct({ b: STRING }, { allOf: [{ title: 'x', default: {}, nullable: true }] }) }),
  struct({ a: struct({ b: STRING }, { not: { required: ['b'] } }) }),
  struct({ a: struct({ b: STRING }, { not: { type: 'object' } }) }),
  struct({ a: struct({ b: STRING }, { not: { additionalProperties: false } }) }),
  struct({ a: struct({ b: STRING }, { not: {} }) }),
  struct({ a: struct({ b: STRING }, { not: { 'x-kubernetes-validations': [{ rule: 'true' }] } }) }),
  struct({ a: struct({ b: STRING }, { anyOf: [{ 'x-kubernetes-preserve-unknown-fields': true }] }) }),
  struct({ a: struct({ b: STRING }, { anyOf: [{ 'x-kubernetes-int-or-string': true }] }) }),
  struct({ a: struct({ b: STRING }, { anyOf: [{ 'x-kubernetes-list-type': 'set' }] }) }),
  struct({ a: struct({ b: STRING }, { allOf: [{ not: { anyOf: [{ required: ['b'] }] } }] }) }),
  struct({ a: { ...STRING, example: { a: 1 }, externalDocs: { url: 'x' }, title: 't', description: 'd' } }),
  struct({ a: { ...STRING, readOnly: true } }),
  struct({ a: { ...STRING, 'x-odd': true } }),
  struct({ a: { ...STRING, const: 'x' } }),
  struct({ metadata: struct({ name: { ...STRING, pattern: 'x' } }) }),
  struct({ a: STRING }, { nullable: true, default: { a: 'x' } }),
  ...[
    [{}],
    [{ rule: '' }],
    [{ rule: '  ' }],
    [{ rule: 'true' }, { rule: 'true' }],
    [{ rule: 'self.a' }],
    [{ rule: 'self.b == 1' }],
    [{ rule: 'self.a == 1' }],
    [{ rule: 'size(self.a) > 1', message: '' }],
    [{ rule: 'size(self.a) > 1', message: ' ' }],
    [{ rule: 'size(self.a) > 1', message: 'a\nb' }],
    [{ rule: 'size(self.a) > 1\n && true' }],
    [{ rule: 'size(self.a) > 1\n && true', message: 'x' }],
    [{ rule: 'size(self.a) > 1', message: 'x'.repeat(2049) }],
    [{ rule: 'true', messageExpression: '' }],
    [{ rule: 'true', messageExpression: ' ' }],
    [{ rule: 'true', messageExpression: '1' }],
    [{ rule: 'true', messageExpression: 'self.b' }],
    [{ rule: 'true', messageExpression: "'x' + self.a" }],
    [{ rule: 'true', messageExpression: "'x'", message: 'y' }],
    [{ rule: 'true', reason: 'Odd' }],
    [{ rule: 'true', reason: 'FieldValueForbidden' }],
    [{ rule: 'true', reason: 'FieldValueRequired' }],
    [{ rule: 'true', reason: 'FieldValueDuplicate' }],
    [{ rule: 'true', reason: '' }],
    [{ rule: 'true', fieldPath: '.a' }],
    [{ rule: 'true', fieldPath: 'a' }],
    [{ rule: 'true', fieldPath: '.b' }],
    [{ rule: 'true', fieldPath: '.a.b' }],
    [{ rule: 'true', fieldPath: '.a[0]' }],
    [{ rule: 'true', fieldPath: ".a['x']" }],
    [{ rule: 'true', fieldPath: '.m.x' }],
    [{ rule: 'true', fieldPath: ".m['x.y']" }],
    [{ rule: 'true', fieldPath: '.m[x]' }],
    [{ rule: 'true', fieldPath: '.l' }],
    [{ rule: 'true', fieldPath: '.l[0]' }],
    [{ rule: 'true', fieldPath: '.' }],
    [{ rule: 'true', fieldPath: ' ' }],
    [{ rule: 'true', fieldPath: '..a' }],
    [{ rule: 'true', fieldPath: '.a\n' }],
    [{ rule: 'true', optionalOldSelf: true }],
    [{ rule: 'true', optionalOldSelf: false }],
    [{ rule: 'oldSelf.hasValue()', optionalOldSelf: true }],
    [{ rule: 'oldSelf.a == self.a', optionalOldSelf: true }],
    [{ rule: 'oldSelf.a == self.a' }],
    [{ rule: 'oldSelf.orValue(self).a == self.a', optionalOldSelf: true }],
    [{ rule: 'true', messageExpression: 'oldSelf.a' }],
    [{ rule: 'oldSelf.a == self.a', messageExpression: 'oldSelf.a' }],
    [{ rule: 'self.l.all(x, self.l.all(y, self.l.all(z, x == y && y == z)))' }],
    [{ rule: 'self.m.all(k, self.m[k].matches("x"))' }],
    [{ rule: 'self.l.exists_one(x, x == "a")', messageExpression: 'self.l.map(x, x + x).join(",")' }],
    [{ rule: "has(self.m.x) && self.m.x == 'y'" }],
    [{ rule: 'has(self.l)' }],
    [{ rule: 'self.?a.hasValue()' }],
    [{ rule: 'self.?l[0].orValue("") == ""' }],
    [{ rule: 'has(self.metadata)' }],
    [{ rule: 'self.__namespace__ == 1' }],
    [{ rule: "self.if__ == 'x'" }],
    [{ rule: "self.a__dot__b == 'x' && self.c__dash__d == 'y'" }],
    [{ rule: 'self == null' }],
    [{ rule: 'self.a == null' }],
    [{ rule: 'dyn(self) == 1' }],
    [{ rule: 'type(self.a) == string' }],
    [{ rule: 'authorizer.path("/x").check("get").allowed()' }],
    [{ rule: 'request.name == "x"' }],
    [{ rule: 'variables.x' }],
    [{ rule: 'x'.repeat(300) }],
    [{ rule: `${'('.repeat(60)}true${')'.repeat(60)}` }],
    [{ rule: `${'!'.repeat(60)}true` }],
    [{ rule: "'a' in self.l && self.n > 1.5 && self.n < 2" }],
    [{ rule: 'self.n > 1' }],
    [{ rule: 'self.i > 1.0' }],
    [{ rule: 'self.ios == 1 || self.ios == "1"' }],
    [{ rule: 'self.when < timestamp("2020-01-01T00:00:00Z") && self.long > duration("1h")' }],
    [{ rule: 'self.data == b"x"' }],
    [{ rule: 'self.free.x == 1' }],
    [{ rule: 'self.free == 1' }],
  ].map((all) =>
    struct(
      {
        a: STRING,
        m: MAP,
        l: list(STRING),
        n: { type: 'number' },
        i: INTEGER,
        ios: { 'x-kubernetes-int-or-string': true },
        when: { ...STRING, format: 'date-time' },
        long: { ...STRING, format: 'duration' },
        data: { ...STRING, format: 'byte' },
        free: ANY,
        if: STRING,
        'a.b': STRING,
        'c-d': STRING,
        namespace: STRING,
      },
      rules(...all),
    ),
  ),
  { ...STRING, ...rules({ rule: 'self.size() > 1' }) },
  list(STRING, rules({ rule: 'self.all(x, x != "")' })),
  list(STRING, { 'x-kubernetes-list-type': 'set', ...rules({ rule: 'self + oldSelf == self' }) }),
  list({ ...STRING, ...rules({ rule: 'self == oldSelf' }) }),
  list({ ...STRING, ...rules({ rule: 'self == oldSelf' }) }, { 'x-kubernetes-list-type': 'set' }),
  keyed(
    struct({ a: STRING, b: { ...STRING, ...rules({ rule: 'self == oldSelf' }) } }, { required: ['a'] }),
    'a',
  ),
  list(struct({ b: { ...STRING, ...rules({ rule: 'self == oldSelf', optionalOldSelf: true }) } })),
  { type: 'object', additionalProperties: { ...STRING, ...rules({ rule: 'self == oldSelf' }) } },
  struct({ a: { ...INTEGER, ...rules({ rule: 'self > 1' }), default: 1 } }),
  struct({ a: { ...STRING, maxLength: 5, ...rules({ rule: 'self.contains("x")' }), default: 'y' } }),
  struct({ a: struct({ b: STRING }, { anyOf: [rules({ rule: 'true' })] }) }),
  { ...ANY, ...rules({ rule: 'self.x == 1' }) },
  { ...ANY, ...rules({ rule: 'self == oldSelf' }) },
];

/** Errors outside of schemas. */
const SPECS: readonly (readonly [spec: object, version?: object])[] = [
  [{ group: 'x' }],
  [{ group: '' }],
  [{ scope: 'Odd' }],
  [{ scope: '' }],
  [{ names: { plural: 'As', kind: 'A' } }],
  [{ names: { plural: 'as', kind: 'a b' } }],
  [{ names: { plural: 'as', singular: 'A', kind: 'A', listKind: 'A' } }],
  [{ names: { plural: 'as', kind: 'A', shortNames: ['A', ''], categories: ['B b'] } }],
  [{ names: { plural: 'as', kind: '' } }],
  [{ versions: [] }],
  [{ versions: null }],
  [{ preserveUnknownFields: true }],
  [{ conversion: {} }],
  [{ conversion: { strategy: 'Odd' } }],
  [{ conversion: { strategy: 'None', webhook: { conversionReviewVersions: ['v1'] } } }],
  [{ conversion: { strategy: 'Webhook' } }],
  [{ conversion: { strategy: 'Webhook', webhook: {} } }],
  [{ conversion: { strategy: 'Webhook', webhook: { conversionReviewVersions: ['odd'], clientConfig: {} } } }],
  [
    {
      conversion: {
        strategy: 'Webhook',
        webhook: { conversionReviewVersions: [], clientConfig: { url: 'http://a' } },
      },
    },
  ],
  [
    {
      conversion: {
        strategy: 'Webhook',
        webhook: {
          conversionReviewVersions: ['v1', 'v1'],
          clientConfig: { url: 'https://a/b?c#d', service: { name: 'a', namespace: 'b' } },
        },
      },
    },
  ],
  [
    {
      conversion: {
        strategy: 'Webhook',
        webhook: {
          conversionReviewVersions: ['v2'],
          clientConfig: { service: { name: '', path: 'x//y', port: 0 } },
        },
      },
    },
  ],
  [
    {
      conversion: {
        strategy: 'Webhook',
        webhook: {
          conversionReviewVersions: ['v1'],
          clientConfig: { service: { name: 'a', namespace: 'b' }, caBundle: 'eA==' },
        },
      },
    },
  ],
  [{ conversion: { strategy: 'Webhook', webhook: null } }],
  [{}, { name: 'V1' }],
  [{}, { name: '' }],
  [{}, { served: false }],
  [{}, { storage: false }],
  [{}, { schema: null }],
  [{}, { schema: {} }],
  [{}, { deprecated: true }],
  [{}, { deprecationWarning: 'x' }],
  [{}, { deprecated: true, deprecationWarning: '' }],
  [{}, { deprecated: true, deprecationWarning: 'a\nb' }],
  [{}, { deprecated: true, deprecationWarning: 'x'.repeat(257) }],
  [{}, { subresources: {} }],
  [{}, { subresources: { status: null } }],
  [{}, { subresources: { status: { a: 1 } } }],
  [{}, { subresources: { scale: {} } }],
  [{}, { subresources: { scale: { specReplicasPath: '.a', statusReplicasPath: '.b' } } }],
  [{}, { subresources: { scale: { specReplicasPath: 'spec.a', statusReplicasPath: '.status.b' } } }],
  [
    {},
    {
      subresources: {
        scale: { specReplicasPath: '.spec[0]', statusReplicasPath: '.status.b', labelSelectorPath: '.x' },
      },
    },
  ],
  [
    {},
    {
      subresources: {
        scale: { specReplicasPath: '.spec.a.b', statusReplicasPath: '.spec.b', labelSelectorPath: '' },
      },
    },
  ],
  [{}, { additionalPrinterColumns: [{}] }],
  [{}, { additionalPrinterColumns: [] }],
  [{}, { additionalPrinterColumns: [{ name: 'a', type: 'odd', jsonPath: '.a' }] }],
  [{}, { additionalPrinterColumns: [{ name: 'a', type: 'string', format: 'odd', jsonPath: '.a' }] }],
  [{}, { additionalPrinterColumns: [{ name: 'a', type: 'string', jsonPath: 'a' }] }],
  [{}, { additionalPrinterColumns: [{ name: 'a', type: 'string', jsonPath: '.a[' }] }],
  [{}, { additionalPrinterColumns: [{ name: 'a', type: 'string', jsonPath: '{.a}', priority: -1 }] }],
  [
    {},
    {
      additionalPrinterColumns: [
        { name: 'a', type: 'string', jsonPath: '.a' },
        { name: 'a', type: 'string', jsonPath: '.b' },
      ],
    },
  ],
  [{}, { selectableFields: [] }],
  [{}, { selectableFields: [{}] }],
  [{}, { selectableFields: [{ jsonPath: '.spec' }] }],
  [{}, { selectableFields: [{ jsonPath: '.spec.a' }, { jsonPath: '.spec.a' }] }],
  [{}, { selectableFields: [{ jsonPath: '.spec.none' }] }],
  [{}, { selectableFields: [{ jsonPath: '.spec.l[0]' }] }],
  [{}, { selectableFields: [{ jsonPath: '.spec.m.x' }] }],
  [{}, { selectableFields: [{ jsonPath: '.metadata.name' }] }],
  [{}, { selectableFields: [{ jsonPath: 'spec.a' }] }],
  [{}, { selectableFields: [{ jsonPath: '{.spec.a}' }] }],
  [{}, { selectableFields: Array.from({ length: 9 }, (_, at) => ({ jsonPath: `.spec.f${at}` })) }],
  [
    {
      versions: ['v1', 'v1'].map((name) => ({
        name,
        served: true,
        storage: true,
        schema: { openAPIV3Schema: ANY },
      })),
    },
  ],
  [
    {
      versions: ['v1', 'v2'].map((name) => ({
        name,
        served: true,
        storage: name === 'v2',
        schema: {
          openAPIV3Schema: name === 'v1' ? { type: 'object', properties: { spec: { type: 'odd' } } } : ANY,
        },
      })),
    },
  ],
];

const METADATA_SCHEMAS: readonly object[] = [
  { metadata: struct({}) },
  { metadata: struct({ name: STRING, generateName: STRING }) },
  { metadata: struct({ labels: MAP }) },
  { metadata: struct({ name: { ...STRING, maxLength: 5, pattern: '^a', default: 'x' } }) },
  { apiVersion: STRING, kind: STRING },
  { apiVersion: { ...STRING, enum: ['v1'] }, kind: { ...STRING, default: 'x' } },
  { kind: INTEGER },
  { spec: ANY, status: { ...ANY, default: {} } },
];

function definitions(): Step[] {
  const types = { a: STRING, l: list(STRING), m: MAP };
  return [
    ...SCHEMAS.map((spec) => post(`${CRDS}?dryRun=All&fieldValidation=Warn`, definition('a', { spec }))),
    ...SPECS.map(([spec, version]) =>
      post(
        `${CRDS}?dryRun=All&fieldValidation=Warn`,
        definition('a', { spec: struct(types) }, spec, version),
      ),
    ),
    ...METADATA_SCHEMAS.map((properties) =>
      post(`${CRDS}?dryRun=All&fieldValidation=Warn`, definition('a', properties)),
    ),
  ];
}

const FORMATS: Readonly<Record<string, readonly string[]>> = {
  bsonobjectid: ['507f1f77bcf86cd799439011', 'x'],
  uri: ['http://a/b', 'a', 'a b', 'x:', '//a', '/a', ''],
  email: ['a@b.c', 'a', 'a b@c', 'A <a@b.c>'],
  hostname: ['a.b', 'A.B', 'a_b', '-a', 'x'.repeat(64), '1.2', ''],
  ipv4: ['1.2.3.4', '01.2.3.4', '1.2.3', '::1'],
  ipv6: ['::1', '1::2::3', '1.2.3.4', '::ffff:1.2.3.4'],
  cidr: ['10.0.0.0/8', '10.0.0.1/8', '10.0.0.0/33', '::/0', '10.0.0.0'],
  mac: ['01:02:03:04:05:06', '01-02-03-04-05-06', '0102.0304.0506', 'x'],
  uuid: ['123e4567-e89b-12d3-a456-426614174000', '123E4567E89B12D3A456426614174000', 'x'],
  uuid3: ['a3bb189e-8bf9-3888-9912-ace4e6543002', '123e4567-e89b-12d3-a456-426614174000'],
  uuid4: ['9b1deb4d-3b7d-4bad-9bdd-2b0d7b3dcb6d', '123e4567-e89b-12d3-a456-426614174000'],
  uuid5: ['74738ff5-5367-5958-9aee-98fffdcd1876', '123e4567-e89b-12d3-a456-426614174000'],
  isbn: ['0321751043', '978-0321751041', '1'],
  isbn10: ['0321751043', '978-0321751041'],
  isbn13: ['0321751043', '978-0321751041'],
  creditcard: ['4111 1111 1111 1111', '4111111111111112'],
  ssn: ['111-22-3333', '1'],
  hexcolor: ['#FF0000', '#f00', 'f00', '#ff', 'red'],
  rgbcolor: ['rgb(1,2,3)', 'rgb(256,2,3)', 'rgb(1, 2, 3)'],
  byte: ['YQ==', 'a', '', 'YQ', 'YQ==\n', '_-8='],
  password: ['x', ''],
  date: ['2020-01-01', '2020-02-30', '2020-1-1', '2020-01-01T00:00:00Z'],
  duration: ['1h', '1d', '1 day', '-1s', '1', '1w', '1h30m', '1.5h', '', '0'],
  datetime: ['2020-01-01T00:00:00Z', 'x', '2020-01-01'],
  'date-time': [
    '2020-01-01T00:00:00Z',
    '2020-01-01T00:00:00.123456789+01:00',
    '2020-01-01',
    '2020-01-01t00:00:00z',
    '2020-01-01 00:00:00Z',
    '2020-13-01T00:00:00Z',
  ],
  'k8s-short-name': ['a', 'a.b', 'A', 'x'.repeat(64), ''],
  'k8s-long-name': ['a.b', 'A', '-a', 'x'.repeat(254), ''],
};

function instances(
  name: string,
  spec: object,
  values: readonly unknown[],
  changes: readonly (readonly [unknown, unknown])[] = [],
  version: object = {},
): Step[] {
  const path = `/apis/${GROUP}/v1/namespaces/$N/${name}s`;
  const one = (id: string, value: unknown) => object(`${GROUP}/v1`, kindOf(name), id, { spec: value });
  return [
    {
      ...post(CRDS, definition(name, { spec, status: ANY }, {}, version)),
      settles: `${CRDS}/${name}s.${GROUP}`,
    },
    { ...get(path), until: 200 },
    ...values.map((value) => post(`${path}?dryRun=All&fieldValidation=Warn`, one('x', value))),
    ...changes.flatMap(([before, after], at) => [
      post(path, one(`c${at}`, before)),
      put(`${path}/c${at}?dryRun=All`, one(`c${at}`, after)),
      patch('merge', `${path}/c${at}?dryRun=All`, { spec: after }),
      patch('apply', `${path}/c${at}?dryRun=All&fieldManager=f&force=true`, one(`c${at}`, after)),
    ]),
    get(path, TABLE),
    remove(`${CRDS}/${name}s.${GROUP}`),
  ];
}

const formats = () =>
  instances(
    'format',
    struct(Object.fromEntries(Object.keys(FORMATS).map((format, at) => [`f${at}`, { ...STRING, format }]))),
    Object.values(FORMATS).flatMap((values, at) => values.map((value) => ({ [`f${at}`]: value }))),
  );

const JUNCTIONS = struct({
  one: struct({ a: STRING, b: INTEGER, c: STRING }, { oneOf: [{ required: ['a'] }, { required: ['b'] }] }),
  any: struct(
    { a: { ...STRING }, b: INTEGER },
    {
      anyOf: [
        { properties: { a: { pattern: '^x' } }, required: ['a'] },
        { properties: { b: { minimum: 5 } }, required: ['b'] },
      ],
    },
  ),
  all: struct(
    { a: STRING, n: INTEGER },
    { allOf: [{ properties: { a: { maxLength: 3 } } }, { properties: { n: { multipleOf: 3 } } }] },
  ),
  not: struct({ a: STRING, b: STRING }, { not: { required: ['a', 'b'] } }),
  notEnum: { ...STRING, not: { enum: ['no', 'never'] } },
  deep: list(
    struct(
      { kind: { ...STRING, enum: ['A', 'B'] }, v: INTEGER },
      {
        oneOf: [
          { properties: { kind: { enum: ['A'] }, v: { maximum: 1 } } },
          { properties: { kind: { enum: ['B'] } } },
        ],
      },
    ),
  ),
  ios: {
    'x-kubernetes-int-or-string': true,
    anyOf: [{ type: 'integer' }, { type: 'string' }],
    pattern: '^[0-9]+%$',
    maximum: 10,
  },
  sizes: struct({}, { minProperties: 1, maxProperties: 2, 'x-kubernetes-preserve-unknown-fields': true }),
  items: list(INTEGER, { minItems: 1, maxItems: 2 }),
  set: list(STRING, { 'x-kubernetes-list-type': 'set' }),
  num: { type: 'number', minimum: 1, exclusiveMinimum: true, maximum: 3, exclusiveMaximum: true },
  mult: { type: 'number', multipleOf: 0.1 },
  text: { ...STRING, minLength: 2, maxLength: 4, pattern: '^[a-zé]+$' },
  e: { enum: [1, 'a', { x: 1 }, [1]], 'x-kubernetes-preserve-unknown-fields': true },
  i32: { ...INTEGER, format: 'int32' },
  i64: { ...INTEGER, format: 'int64' },
  flt: { type: 'number', format: 'float' },
  dbl: { type: 'number', format: 'double' },
});
const JUNCTION_VALUES: readonly unknown[] = [
  {},
  { one: {} },
  { one: { a: 'x' } },
  { one: { a: 'x', b: 1 } },
  { one: { c: 'x' } },
  { one: { a: 1 } },
  { any: {} },
  { any: { a: 'x' } },
  { any: { a: 'y', b: 1 } },
  { any: { a: 'y', b: 6 } },
  { any: { b: 'x' } },
  { all: { a: 'abcd', n: 4 } },
  { all: { a: 'abc', n: 3 } },
  { all: { n: 4 } },
  { not: { a: 'x', b: 'y' } },
  { not: { a: 'x' } },
  { notEnum: 'no' },
  { notEnum: 'yes' },
  {
    deep: [
      { kind: 'A', v: 1 },
      { kind: 'A', v: 2 },
    ],
  },
  { deep: [{ kind: 'C' }] },
  { deep: [{}] },
  { deep: [null] },
  { ios: 5 },
  { ios: 50 },
  { ios: '5%' },
  { ios: '5' },
  { ios: 1.5 },
  { ios: true },
  { sizes: {} },
  { sizes: { a: 1, b: 2, c: 3 } },
  { items: [] },
  { items: [1, 2, 3] },
  { items: [1, 'x'] },
  { set: ['a', 'b', 'a', 'b'] },
  { set: [1] },
  { num: 1 },
  { num: 3 },
  { num: 2.5 },
  { num: '2' },
  { mult: 0.3 },
  { mult: 0.25 },
  { mult: 1 },
  { text: 'a' },
  { text: 'ééé' },
  { text: 'abcde' },
  { text: 'AB' },
  { e: 1 },
  { e: 'b' },
  { e: { x: 1 } },
  { e: { x: 2 } },
  { e: [1] },
  { e: null },
  { i32: 2 ** 31 },
  { i32: -(2 ** 31) },
  { i32: 1.5 },
  { i64: 2 ** 53 },
  { flt: 1e39 },
  { dbl: 1e39 },
  null,
  [],
  'x',
  1,
  { unknown: 1 },
  { one: null, any: null },
  { one: [], all: 'x', not: 1, items: {}, set: 'x' },
];

const TRANSITIONS = struct(
  {
    fixed: { ...STRING, maxLength: 9, ...rules({ rule: 'self == oldSelf', message: 'fixed stays' }) },
    grows: {
      ...INTEGER,
      ...rules({
        rule: 'self >= oldSelf',
        messageExpression: "oldSelf > self + 5 ? 'from far' : 'from near'",
        reason: 'FieldValueForbidden',
      }),
    },
    once: {
      ...STRING,
      maxLength: 9,
      ...rules({
        rule: '!oldSelf.hasValue() || oldSelf.value() == self',
        optionalOldSelf: true,
        message: 'once',
      }),
    },
    born: {
      ...STRING,
      maxLength: 9,
      ...rules({
        rule: 'oldSelf.hasValue() || self == "new"',
        optionalOldSelf: true,
        reason: 'FieldValueRequired',
      }),
    },
    parts: {
      ...keyed(
        struct(
          {
            name: STRING,
            v: { ...INTEGER, ...rules({ rule: 'self >= oldSelf' }) },
            w: { ...STRING, maxLength: 5 },
          },
          { required: ['name'] },
        ),
        'name',
      ),
      maxItems: 9,
    },
    tags: list({ ...STRING, maxLength: 3 }, { 'x-kubernetes-list-type': 'set' }),
    atoms: list(struct({ a: { ...INTEGER, maximum: 3 } }), { 'x-kubernetes-list-type': 'atomic' }),
    map: {
      type: 'object',
      maxProperties: 9,
      additionalProperties: {
        ...INTEGER,
        maximum: 3,
        ...rules({ rule: 'self >= oldSelf', message: 'map grows' }),
      },
    },
    a: { ...STRING, maxLength: 3 },
    b: { ...STRING, enum: ['x', 'y'] },
    sub: struct(
      { min: INTEGER, max: INTEGER },
      rules(
        { rule: 'self.min <= self.max', fieldPath: '.min', message: 'min <= max' },
        {
          rule: 'self.max < 100',
          fieldPath: '.max',
          reason: 'FieldValueDuplicate',
          messageExpression: "self.max > 1000 ? 'max is far' : 'max is near'",
        },
      ),
    ),
  },
  rules(
    {
      rule: '!has(oldSelf.a) || has(self.a)',
      message: 'a cannot be removed',
      fieldPath: '.a',
      reason: 'FieldValueRequired',
    },
    {
      rule: 'has(self.a) || has(self.b) || has(self.fixed) || true',
      messageExpression: '1 / 0 > 0 ? "x" : "y"',
    },
    {
      rule: "!has(self.b) || self.b != 'y' || self.a == 'y'",
      messageExpression: "self.a + '\\n'",
      message: 'fallback',
    },
  ),
);
const TRANSITION_CHANGES: readonly (readonly [unknown, unknown])[] = [
  [{ fixed: 'a' }, { fixed: 'b' }],
  [{ fixed: 'a' }, {}],
  [{}, { fixed: 'b', born: 'x' }],
  [{ born: 'new' }, { born: 'other' }],
  [{ born: 'x' }, { born: 'other' }],
  [{ grows: 3 }, { grows: 2 }],
  [{ once: 'a' }, { once: 'b' }],
  [{ a: 'x' }, { a: null }],
  [{ a: 'x' }, { b: 'x' }],
  [
    {
      parts: [
        { name: 'a', v: 2 },
        { name: 'b', v: 1 },
      ],
    },
    {
      parts: [
        { name: 'b', v: 0 },
        { name: 'a', v: 3 },
        { name: 'c', v: 0, w: 'toolong' },
      ],
    },
  ],
  [{ map: { x: 1, y: 2 } }, { map: { x: 0, y: 3, z: 9 } }],
  [{ sub: { min: 1, max: 2 } }, { sub: { min: 3, max: 200 } }],
  [{ tags: ['a', 'b'] }, { tags: ['a', 'toolong', 'a'] }],
  [{ atoms: [{ a: 1 }] }, { atoms: [{ a: 9 }, { a: 1 }] }],
  [{ b: 'x' }, { b: 'y' }],
  [
    { b: 'x', a: 'y' },
    { b: 'y', a: 'y' },
  ],
  [
    { b: 'x', a: 'y' },
    { b: 'z', a: 'long' },
  ],
];

const PRUNED = struct({
  known: STRING,
  nested: struct({
    a: STRING,
    deep: struct({ x: { ...INTEGER, default: 7 } }, { default: {} }),
    list: list(struct({ n: { ...STRING, default: 'n' } })),
  }),
  withDefault: struct(
    { a: { ...STRING, default: 'a' }, b: struct({ c: { ...STRING, default: 'c' } }) },
    { default: { b: {} } },
  ),
  free: ANY,
  half: { ...ANY, properties: { typed: struct({ a: { ...STRING, default: 'half' } }) } },
  embedded: struct({ spec: struct({ x: STRING }) }, { 'x-kubernetes-embedded-resource': true }),
  freeEmbedded: { ...ANY, 'x-kubernetes-embedded-resource': true },
  map: { type: 'object', additionalProperties: struct({ v: { ...INTEGER, default: 1 } }) },
  nullable: { ...STRING, nullable: true, default: 'd' },
  nullableObject: struct({ a: { ...STRING, default: 'a' } }, { nullable: true }),
  nulls: list({ ...STRING, nullable: true }),
});
const PRUNED_VALUES: readonly unknown[] = [
  {},
  { known: 'x', unknown: { a: 1 } },
  { nested: {} },
  { nested: { a: null, deep: null, list: [{}, { n: null }, { n: 'x', m: 1 }] } },
  { nested: { deep: { x: null, y: 1 } } },
  { withDefault: {} },
  { withDefault: null },
  { withDefault: { b: null } },
  { free: { a: { b: [null, { c: null }] } } },
  { half: { typed: { b: 1 }, other: { c: null } } },
  { embedded: {} },
  {
    embedded: {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'x', labels: { a: 1 }, odd: true },
      spec: { x: 'y', z: 1 },
      more: 1,
    },
  },
  { embedded: { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'Bad_Name', creationTimestamp: null } } },
  { embedded: { apiVersion: 'a/b/c', kind: '', metadata: null } },
  {
    freeEmbedded: {
      apiVersion: 'v1',
      kind: 'X',
      metadata: { name: 'a', annotations: { b: 'c' }, unknown: 1 },
      any: { thing: null },
    },
  },
  { freeEmbedded: { kind: 'X', metadata: { finalizers: [''] } } },
  { map: { a: {}, b: { v: null }, c: { v: 5, w: 1 }, '': {} } },
  { nullable: null },
  { nullableObject: null },
  { nullableObject: {} },
  { nulls: [null, 'a'] },
  { known: null, map: null, free: null },
];

const VERSIONS_PATHS = ['v1', 'v2'].map((version) => `/apis/${GROUP}/${version}/namespaces/$N/turns`);
/** Two versions whose schemas have little in common; conversion only changes the apiVersion. */
function twoVersions(): Step[] {
  const [first, second] = VERSIONS_PATHS as [string, string];
  const turn = (version: string, name: string, spec: unknown) =>
    object(`${GROUP}/${version}`, 'Turn', name, { spec });
  const versions = [
    {
      name: 'v1',
      served: true,
      storage: true,
      schema: {
        openAPIV3Schema: struct({
          spec: struct({ a: { ...STRING, default: 'one' }, both: INTEGER, list: list(STRING) }),
        }),
      },
      additionalPrinterColumns: [
        { name: 'A', type: 'string', jsonPath: '.spec.a' },
        { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' },
      ],
    },
    {
      name: 'v2',
      served: true,
      storage: false,
      deprecated: true,
      schema: {
        openAPIV3Schema: struct({
          spec: struct({
            b: { ...STRING, default: 'two' },
            both: { ...INTEGER, maximum: 5 },
            list: list(STRING, { 'x-kubernetes-list-type': 'set' }),
          }),
        }),
      },
      subresources: { status: {} },
      selectableFields: [{ jsonPath: '.spec.b' }],
    },
  ];
  return [
    { ...post(CRDS, definition('turn', {}, { versions })), settles: `${CRDS}/turns.${GROUP}` },
    { ...get(first), until: 200 },
    { ...get(second), until: 200 },
    post(first, turn('v1', 'a', { a: 'x', both: 9, b: 'lost' })),
    post(second, turn('v2', 'b', { b: 'y', both: 3, a: 'lost', list: ['1', '2'] })),
    post(second, turn('v2', 'c', { both: 9, list: ['1', '1'] })),
    post(first, turn('v2', 'd', {})),
    get(first),
    get(second),
    get(`${second}/a`),
    get(`${second}/a/status`),
    get(`${first}/a/status`),
    get(first, TABLE),
    get(second, TABLE),
    get(`${second}?fieldSelector=spec.b%3Dy`),
    get(`${first}?fieldSelector=spec.b%3Dy`),
    patch('merge', `${second}/a`, { spec: { b: 'z' } }),
    patch('merge', `${second}/a`, { spec: { both: 2 } }),
    patch('apply', `${first}/b?fieldManager=one`, turn('v1', 'b', { a: 'applied', list: ['3'] })),
    patch('apply', `${second}/b?fieldManager=two`, turn('v2', 'b', { list: ['4'] })),
    patch('apply', `${second}/b?fieldManager=two&force=true`, turn('v2', 'b', { list: ['4'] })),
    patch('apply', `${first}/b?fieldManager=two`, turn('v1', 'b', {})),
    get(`${first}/b`),
    get(
      `${first}?watch=1&timeoutSeconds=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true`,
    ),
    {
      ...patch('json', `${CRDS}/turns.${GROUP}`, [
        { op: 'replace', path: '/spec/versions/0/storage', value: false },
        { op: 'replace', path: '/spec/versions/1/storage', value: true },
      ]),
      settles: `${CRDS}/turns.${GROUP}`,
    },
    get(`${CRDS}/turns.${GROUP}`),
    patch('json', `${CRDS}/turns.${GROUP}`, [{ op: 'remove', path: '/spec/versions/0' }]),
    patch('merge', `${CRDS}/turns.${GROUP}/status`, { status: { storedVersions: ['v2'] } }),
    patch('merge', `${CRDS}/turns.${GROUP}/status`, { status: { storedVersions: [] } }),
    patch('merge', `${CRDS}/turns.${GROUP}/status`, { status: { storedVersions: ['v3'] } }),
    patch('merge', `${CRDS}/turns.${GROUP}`, { spec: { scope: 'Cluster' } }),
    patch('merge', `${CRDS}/turns.${GROUP}`, { spec: { group: 'other.example.com' } }),
    patch('merge', `${CRDS}/turns.${GROUP}`, { spec: { names: { kind: 'Other' } } }),
    patch('merge', `${CRDS}/turns.${GROUP}?dryRun=All`, { spec: { conversion: null } }),
    patch('merge', `${CRDS}/turns.${GROUP}?dryRun=All`, {
      spec: {
        conversion: {
          strategy: 'Webhook',
          webhook: { conversionReviewVersions: ['v1'], clientConfig: { url: 'https://127.0.0.1:1/x' } },
        },
      },
    }),
    get(`${CRDS}/turns.${GROUP}`, TABLE),
    remove(`${CRDS}/turns.${GROUP}`),
  ];
}

/** A definition whose limits are tightened: stored values may remain, changed ones must conform. */
function ratcheted(): Step[] {
  const path = `/apis/${GROUP}/v1/namespaces/$N/rats`;
  const wide = struct({
    a: STRING,
    n: INTEGER,
    l: list(STRING),
    s: list(STRING, { 'x-kubernetes-list-type': 'set' }),
    k: keyed(struct({ name: STRING, v: INTEGER }, { required: ['name'] }), 'name'),
    m: { type: 'object', additionalProperties: INTEGER },
    o: struct({ x: STRING, y: STRING }),
    e: STRING,
    i: { 'x-kubernetes-int-or-string': true },
  });
  const tight = struct(
    {
      a: { ...STRING, maxLength: 1 },
      n: { ...INTEGER, maximum: 1 },
      l: list({ ...STRING, maxLength: 1 }),
      s: list({ ...STRING, maxLength: 1 }, { 'x-kubernetes-list-type': 'set', maxItems: 1 }),
      k: keyed(
        struct(
          { name: STRING, v: { ...INTEGER, maximum: 1, ...rules({ rule: 'self != 5' }) } },
          { required: ['name'] },
        ),
        'name',
      ),
      m: { type: 'object', additionalProperties: { ...INTEGER, maximum: 1 } },
      o: struct(
        { x: STRING, y: STRING },
        {
          required: ['z'],
          not: { required: ['x'] },
          ...rules({ rule: 'self.x == self.y', message: 'x is y' }),
        },
      ),
      e: { ...STRING, enum: ['a'], format: 'date' },
      i: { 'x-kubernetes-int-or-string': true, pattern: '^a' },
    },
    { required: ['q'] },
  );
  const value = {
    a: 'long',
    n: 5,
    l: ['long', 'long'],
    s: ['long', 'more'],
    k: [
      { name: 'a', v: 5 },
      { name: 'b', v: 5 },
    ],
    m: { x: 5, y: 5 },
    o: { x: '1', y: '2' },
    e: 'zz',
    i: 'zz',
  };
  const rat = (spec: object) => object(`${GROUP}/v1`, 'Rat', 'r', { spec });
  const changes: readonly object[] = [
    {},
    { a: 'longer' },
    { a: 'x' },
    { n: 6 },
    { n: 0 },
    { l: ['long', 'long', 'x'] },
    { l: ['long', 'other'] },
    { l: [] },
    { s: ['more', 'long'] },
    { s: ['more', 'long', 'x'] },
    { s: ['long'] },
    {
      k: [
        { name: 'b', v: 5 },
        { name: 'a', v: 5 },
      ],
    },
    {
      k: [
        { name: 'a', v: 5 },
        { name: 'c', v: 5 },
      ],
    },
    { k: [{ name: 'a', v: 6 }] },
    { m: { x: 5, z: 0 } },
    { m: { x: 5, z: 7 } },
    { m: { x: 6 } },
    { o: { x: '1', y: '3' } },
    { o: { y: '2' } },
    { e: 'a' },
    { e: 'yy' },
    { i: 'yy' },
    { q: 1 },
  ];
  return [
    { ...post(CRDS, definition('rat', { spec: wide })), settles: `${CRDS}/rats.${GROUP}` },
    { ...get(path), until: 200 },
    post(path, rat(value)),
    {
      ...patch('json', `${CRDS}/rats.${GROUP}`, [
        { op: 'replace', path: '/spec/versions/0/schema/openAPIV3Schema/properties/spec', value: tight },
      ]),
      settles: `${CRDS}/rats.${GROUP}`,
    },
    { ...post(`${path}?dryRun=All`, rat({ ...value, a: 'probe' })), until: 422 },
    patch('merge', `${path}/r?dryRun=All`, { metadata: { labels: { a: 'b' } } }),
    ...changes.flatMap((change) => [
      put(`${path}/r?dryRun=All`, rat({ ...value, ...change })),
      patch('merge', `${path}/r?dryRun=All`, { spec: change }),
    ]),
    remove(`${CRDS}/rats.${GROUP}`),
  ];
}

export function schemaFeatures(): Session[] {
  return [
    { name: 'definitions by feature', steps: definitions() },
    { name: 'formats of custom resources', steps: formats() },
    { name: 'junctions of custom resources', steps: instances('junction', JUNCTIONS, JUNCTION_VALUES) },
    {
      name: 'transitions of custom resources',
      steps: instances(
        'transition',
        TRANSITIONS,
        [{ a: 'long' }, { born: 'x' }, { once: 'x' }, { sub: { min: 2, max: 1 } }],
        TRANSITION_CHANGES,
      ),
    },
    {
      name: 'pruned custom resources',
      steps: instances('prune', PRUNED, PRUNED_VALUES, [
        [{ known: 'x', nested: { list: [{}] } }, { known: 'y' }],
        [{ map: { a: { v: 2 } } }, { map: { a: {} } }],
        [{ nullable: null }, { nullable: null }],
      ]),
    },
    { name: 'versions of custom resources', steps: twoVersions() },
    { name: 'ratcheted custom resources', steps: ratcheted() },
  ];
}
