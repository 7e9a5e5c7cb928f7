/** Definitions and policies, and the work they cause: schemas, patterns, expressions, columns. */

import { type Attack, type AttackRequest, repeat, until } from '../attack.ts';

const DEFINITIONS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
const THINGS = '/apis/attack.example/v1/things';
const POLICIES = '/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies';
const BINDINGS = '/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicybindings';
const TABLE = { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' };
/** Bytes of a definition, including its managed fields, that can be stored. */
const LARGE = 700_000;

type Schema = Record<string, unknown>;

const object = (properties: Schema, more: Schema = {}): Schema => ({ type: 'object', properties, ...more });

function definition(spec: Schema, columns: readonly Schema[] = []): string {
  const version = {
    name: 'v1',
    served: true,
    storage: true,
    schema: { openAPIV3Schema: object({ spec }) },
    ...(columns.length > 0 && { additionalPrinterColumns: columns }),
  };
  return JSON.stringify({
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: 'things.attack.example' },
    spec: {
      group: 'attack.example',
      scope: 'Cluster',
      names: { plural: 'things', kind: 'Thing' },
      versions: [version],
    },
  });
}

/** `spec`: JSON. */
const thing = (spec: string): string =>
  `{"apiVersion":"attack.example/v1","kind":"Thing","metadata":{"generateName":"a-"},"spec":${spec}}`;

const asAdmin = (request: AttackRequest): AttackRequest => ({ sender: 'clusterAdmin', ...request });

/** Creates a definition, sends `requests` once it is served, and deletes it. */
function defined(name: string, body: () => string, ...requests: readonly (() => AttackRequest)[]): Attack {
  return {
    name: `definitions: ${name}`,
    run: async (target) => {
      const answers = [await target.send(asAdmin({ path: DEFINITIONS, body: body() }))];
      if (answers[0]!.startsWith('201')) {
        await until(target, `${THINGS}?limit=1`, '200');
        for (const request of requests) answers.push(await target.send(asAdmin(request())));
        await target.send(asAdmin({ method: 'DELETE', path: `${DEFINITIONS}/things.attack.example` }));
        await until(target, `${DEFINITIONS}/things.attack.example`, '404');
      }
      return answers.join(' ');
    },
  };
}

/** `spec`: a value, or JSON text. */
const create = (spec: () => unknown) => (): AttackRequest => {
  const made = spec();
  return { path: THINGS, body: thing(typeof made === 'string' ? made : JSON.stringify(made)) };
};
const listTable = (): AttackRequest => ({ path: THINGS, headers: TABLE });
const openAPI = (): AttackRequest => ({ path: '/openapi/v3/apis/attack.example/v1' });
const swagger = (): AttackRequest => ({ path: '/openapi/v2' });

const strings = (pattern: string): Schema => object({ text: { type: 'string', pattern } });
const text = (length: number, letter = 'a') => ({ text: letter.repeat(length) });
const rule = (expression: string, spec: Schema): Schema => ({
  ...spec,
  'x-kubernetes-validations': [{ rule: expression }],
});
const OPEN: Schema = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };
const column = (jsonPath: string): Schema => ({ name: 'C', type: 'string', jsonPath });

/** Nested objects with `width` members each, `depth` levels deep. */
function tree(width: number, depth: number): unknown {
  if (depth === 0) return 'x';
  return Object.fromEntries(Array.from({ length: width }, (_, i) => [`k${i}`, tree(width, depth - 1)]));
}

/** As text, because it is nested too deeply for JSON.stringify. */
const chain = (depth: number, inside = '"x"') => `${'{"a":'.repeat(depth)}${inside}${'}'.repeat(depth)}`;

const many = <T>(count: number, of: (i: number) => T): T[] => Array.from({ length: count }, (_, i) => of(i));
const properties = (count: number, schema: (i: number) => Schema) =>
  object(Object.fromEntries(many(count, (i) => [`p${i}`, schema(i)])));
const STRINGS: Schema = { type: 'array', items: { type: 'string' } };

/** A policy with one binding, and a request that it validates. */
function judged(name: string, spec: () => Schema, request: () => AttackRequest): Attack {
  const policy = () => ({
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingAdmissionPolicy',
    metadata: { name: 'attack' },
    spec: {
      matchConstraints: {
        resourceRules: [
          { apiGroups: [''], apiVersions: ['v1'], operations: ['*'], resources: ['configmaps'] },
        ],
      },
      ...spec(),
    },
  });
  const binding = {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingAdmissionPolicyBinding',
    metadata: { name: 'attack' },
    spec: { policyName: 'attack', validationActions: ['Warn'] },
  };
  return {
    name: `policies: ${name}`,
    run: async (target) => {
      const answers = [await target.send(asAdmin({ path: POLICIES, body: JSON.stringify(policy()) }))];
      answers.push(await target.send(asAdmin({ path: BINDINGS, body: JSON.stringify(binding) })));
      await new Promise((done) => setTimeout(done, 1500));
      answers.push(await target.send(asAdmin(request())));
      for (const path of [BINDINGS, POLICIES])
        await target.send(asAdmin({ method: 'DELETE', path: `${path}/attack` }));
      return answers.join(' ');
    },
  };
}

const mapOf = (keys: number) => (): AttackRequest => ({
  path: '/api/v1/namespaces/attacked/configmaps?dryRun=All',
  body: `{"metadata":{"generateName":"a-"},"data":{${repeat(keys, '"k#":"value"', ',')}}}`,
});
const validation = (expression: string) => ({ expression });

export function definitionAttacks(): Attack[] {
  return [
    defined(
      'a pattern of nested repetitions',
      () => definition(strings('^(a+)+$')),
      create(() => text(1_000_000)),
      create(() => ({ text: `${'a'.repeat(1_000_000)}!` })),
    ),
    defined(
      'a pattern of counted repetitions',
      () => definition(strings('((a{0,30}){0,30})$')),
      create(() => text(100_000)),
    ),
    defined('a pattern of a thousand times a thousand', () =>
      definition(strings('((a{1,1000}){1,1000}){1,1000}')),
    ),
    defined(
      'a pattern of many alternatives',
      () => definition(strings(`(${repeat(5_000, 'abc#x', '|')})+$`)),
      create(() => text(100_000)),
    ),
    defined(
      'a pattern for each of many strings',
      () =>
        definition(object({ list: { type: 'array', items: { type: 'string', pattern: '^(a|b|ab)*c?$' } } })),
      create(() => ({ list: many(60_000, () => 'abababab') })),
    ),
    defined(
      'an enum of many values for a list of them',
      () =>
        definition(
          object({ list: { type: 'array', items: { type: 'string', enum: many(20_000, (i) => `v${i}`) } } }),
        ),
      create(() => ({ list: many(60_000, (i) => `v${19_999 - (i % 10)}`) })),
      create(() => ({ list: many(60_000, () => 'w') })),
      openAPI,
    ),
    defined(
      'a set of many items',
      () => definition(object({ list: { ...STRINGS, 'x-kubernetes-list-type': 'set' } })),
      create(() => ({ list: many(60_000, (i) => `v${i}`) })),
    ),
    defined(
      'unique objects',
      () =>
        definition(
          object({
            list: {
              type: 'array',
              'x-kubernetes-list-type': 'set',
              items: { type: 'array', items: { type: 'string' }, 'x-kubernetes-list-type': 'atomic' },
            },
          }),
        ),
      create(() => ({ list: many(25_000, (i) => [`v${i}`]) })),
    ),
    defined(
      'a list with keys, of many items',
      () =>
        definition(
          object({
            list: {
              type: 'array',
              'x-kubernetes-list-type': 'map',
              'x-kubernetes-list-map-keys': ['a', 'b'],
              items: { ...object({ a: { type: 'string' }, b: { type: 'string' } }), required: ['a', 'b'] },
            },
          }),
        ),
      create(() => ({ list: many(15_000, (i) => ({ a: 'x', b: `v${i}` })) })),
    ),
    defined(
      'a schema of many properties',
      () => definition(properties(LARGE / 40, () => ({ type: 'string', default: 'a' }))),
      create(() => ({})),
      openAPI,
      swagger,
      listTable,
    ),
    defined(
      'a deep schema',
      () =>
        definition(many(400, () => 0).reduce<Schema>((inner) => object({ a: inner }), { type: 'string' })),
      create(() => chain(400)),
      openAPI,
    ),
    defined(
      'alternatives within alternatives',
      () =>
        definition({
          ...OPEN,
          anyOf: many(9, () => 0).reduce<Schema[]>(
            (inner) => many(2, (i) => ({ properties: { [`p${i}`]: { anyOf: inner } } })),
            [{ required: ['x'] }],
          ),
        }),
      create(() => chain(30, JSON.stringify(tree(3, 6)))),
    ),
    defined(
      'many alternatives for each of many items',
      () =>
        definition(
          object({
            list: {
              type: 'array',
              items: { type: 'string', anyOf: many(2_000, (i) => ({ pattern: `^x${i}$` })) },
            },
          }),
        ),
      create(() => ({ list: many(3_000, () => 'x1999') })),
    ),
    defined(
      'an open object that is deep',
      () => definition(OPEN),
      create(() => chain(9_000)),
      listTable,
    ),
    defined(
      'an open object that is deep, and long there',
      () => definition(OPEN),
      create(() => chain(4_000, JSON.stringify(tree(20_000, 1)))),
    ),
    defined(
      'a column that goes down everywhere, again and again',
      () => definition(OPEN, [column('.spec..k0..k0..k0..k0')]),
      create(() => tree(3, 8)),
      listTable,
    ),
    defined(
      'a column of everything within everything',
      () => definition(OPEN, [column('.spec..[*]..[*]..[*]')]),
      create(() => tree(2, 9)),
      listTable,
    ),
    defined(
      'a column of a filter for each item',
      () => definition(object({ list: STRINGS }), [column('.spec.list[?(@=="x")]')]),
      create(() => ({ list: many(60_000, () => 'x') })),
      listTable,
    ),
    defined(
      'many columns of a large object',
      () =>
        definition(
          OPEN,
          many(2_000, (i) => ({ ...column('.spec..zz'), name: `C${i}` })),
        ),
      create(() => tree(10, 4)),
      listTable,
    ),
    defined(
      'a rule that compares each with each',
      () =>
        definition(
          rule(
            'self.list.all(a, self.list.exists(b, a == b))',
            object({ list: { ...STRINGS, maxItems: 400, items: { type: 'string', maxLength: 10 } } }),
          ),
        ),
      create(() => ({ list: many(400, (i) => `v${i}`) })),
    ),
    defined(
      'a rule that takes all its cost',
      () =>
        definition(
          rule(
            'self.list.all(a, a.startsWith("v") && a.size() > 0 && a.matches("^v[0-9]+$"))',
            object({ list: { ...STRINGS, maxItems: 9_000, items: { type: 'string', maxLength: 10 } } }),
          ),
        ),
      create(() => ({ list: many(9_000, (i) => `v${i}`) })),
    ),
    defined(
      'rules of each of many items',
      () =>
        definition(
          object({
            list: {
              type: 'array',
              maxItems: 20_000,
              items: rule('self.size() < 20', { type: 'string', maxLength: 20 }),
            },
          }),
        ),
      create(() => ({ list: many(20_000, (i) => `v${i}`) })),
    ),
    defined(
      'a rule of many conditions',
      () =>
        definition(
          rule(repeat(9_000, 'self.a != "#"', ' && '), object({ a: { type: 'string', maxLength: 9 } })),
        ),
      create(() => ({ a: 'x' })),
    ),
    defined('a rule in many parentheses', () =>
      definition(rule(`${'('.repeat(40_000)}true${')'.repeat(40_000)}`, object({ a: { type: 'string' } }))),
    ),
    defined('a rule of lists in lists', () =>
      definition(rule(`${'['.repeat(200)}1${']'.repeat(200)} == []`, object({ a: { type: 'string' } }))),
    ),
    defined('many rules', () =>
      definition(
        properties(1_500, (i) => rule(`self != "${i}" && self.size() < 9`, { type: 'string', maxLength: 9 })),
      ),
    ),
    judged(
      'all keys in all keys',
      () => ({ validations: [validation('object.data.all(a, object.data.exists(b, a == b))')] }),
      mapOf(5_000),
    ),
    judged(
      'strings that grow',
      () => ({
        variables: [
          { name: 'v0', expression: '"aaaaaaaaaaaaaaaa"' },
          ...many(40, (i) => ({ name: `v${i + 1}`, expression: `variables.v${i} + variables.v${i}` })),
        ],
        validations: [validation('variables.v40.size() > 0')],
      }),
      mapOf(5),
    ),
    judged(
      'lists that grow',
      () => ({
        variables: [
          { name: 'v0', expression: '[1,2,3,4]' },
          ...many(40, (i) => ({ name: `v${i + 1}`, expression: `variables.v${i} + variables.v${i}` })),
        ],
        validations: [validation('variables.v40.size() > 0')],
      }),
      mapOf(5),
    ),
    judged(
      'a replacement that multiplies',
      () => ({
        validations: [
          validation(
            `object.data.map(k, k).join("a")${'.replace("a", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")'.repeat(8)}.size() > 0`,
          ),
        ],
      }),
      mapOf(100),
    ),
    judged(
      'sorted, sliced, flattened',
      () => ({
        validations: [
          validation('object.data.map(k, k).sort().map(k, [k, [k]]).flatten(3).distinct().size() > 0'),
        ],
      }),
      mapOf(20_000),
    ),
    judged(
      'a pattern over a long text',
      () => ({ validations: [validation('object.data.map(k, k).join(",").matches("^(k[0-9]+,?)+$")')] }),
      mapOf(50_000),
    ),
    judged(
      'a thousand validations',
      () => ({ validations: many(1_000, (i) => validation(`object.data.size() > ${i % 10}`)) }),
      mapOf(20_000),
    ),
    judged(
      'quantities, addresses and the like',
      () => ({
        validations: [
          validation(
            'object.data.all(k, isQuantity("1") && isIP("10.0.0.1") && isCIDR("10.0.0.0/8") && isURL("https://a.b"))',
          ),
        ],
      }),
      mapOf(50_000),
    ),
  ];
}
