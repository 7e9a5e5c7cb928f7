/** Custom resources of random definitions: rejection, pruning, defaulting, conversion, columns, ratcheting. */

import {
  additionalPropertiesSchemaOf,
  itemsOf,
  propertiesOf,
} from '../../../shared/apiextensions/schema/json-schema-props.ts';
import type { JSONSchemaProps } from '../../../shared/apis/apiextensions/v1/types.ts';
import { fittingValueOf, specSchema } from '../../fixtures/apiextensions/structural-arbitrary.ts';
import fc from '../../fixtures/fuzz.ts';
import type { Session, Step } from '../exchange.ts';
import { get, object, patch, post, put, remove, TABLE } from './steps.ts';

const DEFINITIONS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
const DEFINITION = `${DEFINITIONS}/things.$N.example.com`;
const THINGS = '/apis/$N.example.com/v1/namespaces/$N/things';
const OLD_THINGS = THINGS.replace('/v1/', '/v1beta1/');
const VALUES = 8;
const RULES = [
  'has(self.a)',
  'self == oldSelf',
  '!has(oldSelf.a) || has(self.a)',
  "string(dyn(self) == dyn({})) == 'false'",
];
const COLUMN_TYPES = ['string', 'integer', 'number', 'boolean'];

/** As many sessions as `seeds`; the same in every run. */
export function randomResources(seeds: number): Session[] {
  const schemas = fc.sample(specSchema, { numRuns: seeds, seed: 11 });
  return schemas.map((schema, index) => ({
    name: `random resource ${index}`,
    besideOthers: true,
    steps: stepsOf(schema, index),
  }));
}

function stepsOf(schema: JSONSchemaProps, seed: number): Step[] {
  const values = fc.sample(fittingValueOf(schema, 8), { numRuns: VALUES, seed });
  // Upstream's rules ignore a property of this name in comparisons.
  const isPassedOver = propertiesOf(schema).some(([name]) => name === '__proto__');
  const rules = seed % 2 === 0 || isPassedOver ? [] : [{ rule: RULES[seed % RULES.length], message: 'no' }];
  const ruled = { ...schema, ...(rules.length > 0 && { 'x-kubernetes-validations': rules }) };
  const applied = (one: number, other: number) => thing(`t${one}`, values[other]);
  return [
    post(`${DEFINITIONS}?dryRun=All`, definition(ruled as JSONSchemaProps)),
    { ...post(DEFINITIONS, definition(ruled as JSONSchemaProps)), settles: DEFINITION },
    { ...get(THINGS), until: 200 },
    ...values.map((value, index) => post(`${THINGS}?fieldValidation=Warn`, thing(`t${index}`, value))),
    ...values.map((value, index) =>
      post(`${OLD_THINGS}?dryRun=All`, {
        ...thing(`o${index}`, value),
        apiVersion: '$N.example.com/v1beta1',
      }),
    ),
    get(THINGS),
    get(OLD_THINGS),
    get(THINGS, TABLE),
    ...values.map((_, index) => put(`${THINGS}/t${index}?dryRun=All`, applied(index, (index + 1) % VALUES))),
    ...values.map((value, index) =>
      patch('merge', `${THINGS}/t${(index + 2) % VALUES}?dryRun=All&fieldManager=m`, { spec: value }),
    ),
    ...values.flatMap((_, index) => [
      patch('apply', `${THINGS}/t${index}?dryRun=All&fieldManager=a`, applied(index, (index + 3) % VALUES)),
      patch('apply', `${THINGS}/t${index}?fieldManager=a&force=true`, applied(index, (index + 3) % VALUES)),
      patch('apply', `${THINGS}/t${index}?dryRun=All&fieldManager=b`, applied(index, (index + 4) % VALUES)),
      patch('apply', `${THINGS}/t${index}?dryRun=All&fieldManager=a`, applied(index, (index + 5) % VALUES)),
    ]),
    ...values.map((value, index) =>
      patch('merge', `${THINGS}/t${index}/status?dryRun=All`, { status: value, spec: value }),
    ),
    get(THINGS),
    // Stored values are accepted where they are unchanged.
    {
      ...patch('merge', DEFINITION, { spec: { versions: versionsOf(tightened(schema)) } }),
      settles: DEFINITION,
    },
    ...values.flatMap((value, index) => [
      patch('merge', `${THINGS}/t${index}?dryRun=All`, { metadata: { labels: { a: 'b' } } }),
      patch('merge', `${THINGS}/t${index}?dryRun=All`, { spec: value }),
      put(`${THINGS}/t${index}?dryRun=All`, applied(index, (index + 1) % VALUES)),
    ]),
    remove(THINGS),
    { ...remove(DEFINITION), settles: DEFINITION },
  ];
}

const thing = (name: string, spec: unknown) => object('$N.example.com/v1', 'Thing', name, { spec });

const definition = (spec: JSONSchemaProps) =>
  object('apiextensions.k8s.io/v1', 'CustomResourceDefinition', 'things.$N.example.com', {
    spec: {
      group: '$N.example.com',
      scope: 'Namespaced',
      names: { plural: 'things', singular: 'thing', kind: 'Thing', listKind: 'ThingList' },
      versions: versionsOf(spec),
    },
  });

/** The storage version has columns and a status; the other declares only the first property. */
function versionsOf(spec: JSONSchemaProps) {
  const properties = propertiesOf(spec);
  const columns = properties
    .filter(([, { type = '' }]) => COLUMN_TYPES.includes(type))
    .map(([name, { type }]) => ({ name, type, jsonPath: `.spec.${name}` }));
  const { required: _, ...rest } = spec;
  const [first] = properties;
  const old = { ...rest, properties: first ? { [first[0]]: first[1] } : {} };
  return [
    {
      name: 'v1',
      served: true,
      storage: true,
      subresources: { status: {} },
      additionalPrinterColumns: [...columns, { name: 'Spec', type: 'string', jsonPath: '.spec' }],
      schema: schemaOf(spec, spec),
    },
    {
      name: 'v1beta1',
      served: true,
      storage: false,
      schema: schemaOf(old as JSONSchemaProps, old as JSONSchemaProps),
    },
  ];
}

const schemaOf = (spec: JSONSchemaProps, status: JSONSchemaProps) => ({
  openAPIV3Schema: { type: 'object', properties: { spec, status: withoutRules(status) } },
});

function withoutRules({ 'x-kubernetes-validations': _, ...schema }: JSONSchemaProps): JSONSchemaProps {
  return schema;
}

const LIMITS: Readonly<Record<string, object>> = {
  string: { maxLength: 1 },
  integer: { maximum: 0 },
  number: { maximum: 0 },
  array: { maxItems: 1 },
};

/** Adds a limit at every place that few values satisfy; drops defaults, which would have to satisfy it. */
function tightened({ default: _, ...schema }: JSONSchemaProps): JSONSchemaProps {
  const items = itemsOf(schema);
  const additional = additionalPropertiesSchemaOf(schema);
  const properties = propertiesOf(schema).map(([name, child]) => [name, tightened(child)] as const);
  const keys = new Set(schema['x-kubernetes-list-map-keys'] ?? []);
  return {
    ...schema,
    ...LIMITS[schema.type ?? ''],
    ...(properties.length > 0 && { properties: Object.fromEntries(properties) }),
    ...(items && { items: keys.size > 0 ? items : tightened(items) }),
    ...(additional && { additionalProperties: tightened(additional) }),
  } as JSONSchemaProps;
}
