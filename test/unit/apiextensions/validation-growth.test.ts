/**
 * The work of validation grows linearly with the value, whatever the schema allows and however many errors there are.
 */

import { expect, test } from 'vitest';
import { validateDefinition } from '../../../shared/apiextensions/definition/definition-validation.ts';
import { SchemaToolsLoader } from '../../../shared/apiextensions/definition/schema-tools.ts';
import { compileRuleValidator } from '../../../shared/apiextensions/rules/rule-validator.ts';
import { validateListSetsAndMaps } from '../../../shared/apiextensions/schema/list-types.ts';
import { repeatedItems } from '../../../shared/apiextensions/schema/repeated-items.ts';
import { newStructural } from '../../../shared/apiextensions/schema/structural.ts';
import { MAX_CHECKS } from '../../../shared/apiextensions/validation/check-budget.ts';
import { EnumValidator } from '../../../shared/apiextensions/validation/enum-validation.ts';
import { SchemaValidator } from '../../../shared/apiextensions/validation/schema-validator.ts';
import {
  type OpenAPIError,
  ValidationResult,
} from '../../../shared/apiextensions/validation/validation-result.ts';
import { builtinTypeTables } from '../../../shared/apis/type-tables.ts';
import { atOnce, type Pieces } from '../../../shared/util/breathe.ts';

test('the values of an enum are read once, for any number of checks', () => {
  let reads = 0;
  const values = new Proxy(['a', 'b', 1, { c: 2 }], {
    get(target, key, receiver) {
      reads++;
      return Reflect.get(target, key, receiver);
    },
  });
  const validator = new EnumValidator(values);
  const first = validator.check('x', 'other');
  const before = reads;
  const found = ['a', 1, { c: 2 }, 'other', 2, null].map((value) => validator.check('x', value)?.supported);
  expect(found).toEqual([undefined, undefined, undefined, ...Array(3).fill(first?.supported)]);
  expect(found[3]).toBe(first?.supported);
  expect(reads).toBe(before);
});

test.each([
  ['integers in both forms', [3n, 2n ** 60n], [3, 2n ** 60n, 2n ** 60n + 1n], [true, true, false]],
  ['a number for an integer', [3], [3n, 4n], [true, false]],
  ['no null, although it is listed', [null, 'a'], [null, 'a'], [false, true]],
])('enums: %s', (_, allowed, values, expected) => {
  const validator = new EnumValidator(allowed);
  expect(values.map((value) => validator.check('x', value) === undefined)).toEqual(expected);
});

test.each([100, 1_000, 10_000])('each of %i errors is visited a few times', (count) => {
  let reads = 0;
  const result = new ValidationResult();
  for (let i = 0; i < count; i++) {
    const error: OpenAPIError = {
      kind: 'invalid',
      get message() {
        reads++;
        return `at ${i}`;
      },
    };
    result.add(error);
  }
  expect(result.errors.length).toBe(count);
  expect(reads).toBeLessThan(3 * count);
});

test('alternatives for each of many items are rejected, not evaluated', () => {
  let tried = 0;
  const regexp = (pattern: string) => ({
    pattern,
    test: () => {
      tried++;
      return false;
    },
  });
  const anyOf = Array.from({ length: 1000 }, (_, i) => ({ pattern: `^${i}$` }));
  const schema = { type: 'array', items: { JSONSchemas: undefined, type: 'string', anyOf } };
  const validator = new SchemaValidator(schema as never, regexp as never);
  expect(() => atOnce(validator.validate(undefined, Array(1000).fill('x')))).toThrow(
    `Request entity too large: its schema takes more than ${MAX_CHECKS} checks`,
  );
  expect(tried).toBeLessThanOrEqual(MAX_CHECKS);
  expect(atOnce(validator.validate(undefined, Array(100).fill('x'))).length).toBeGreaterThan(0);
});

test.each([100, 1_000])('each of %i items is visited once to find duplicates', (count) => {
  let looks = 0;
  const items = Array.from(
    { length: count },
    (_, i) =>
      new Proxy(
        { a: i % (count - 1) },
        {
          ownKeys(target) {
            looks++;
            return Reflect.ownKeys(target);
          },
        },
      ),
  );
  expect(atOnce(repeatedItems(items))).toEqual([count - 1]);
  expect(looks).toBe(count);
});

const many = <T>(count: number, of: (i: number) => T): T[] => Array.from({ length: count }, (_, i) => of(i));
const inList = (items: object, more: object = {}) => ({ type: 'array', items, ...more }) as never;
const tools = await new SchemaToolsLoader(builtinTypeTables()).loadWithRules();

const text = { type: 'string', maxLength: 9 };
const validate = (schema: never) => (value: unknown) =>
  new SchemaValidator(schema, tools.regexp).validate(undefined, value);
const lists = (list: never) => (value: unknown) =>
  validateListSetsAndMaps(undefined, newStructural({ type: 'object', properties: { list } } as never), {
    list: value,
  });
const judge = (schema: never) => (value: unknown) =>
  atOnce(
    compileRuleValidator({ type: 'object', properties: { list: schema } } as never, {
      isResourceRoot: false,
    }),
  )!.validate(undefined, { value: { list: value }, oldValue: undefined });
const define = (properties: (value: number) => object) => (values: unknown) =>
  validateDefinition(
    {
      metadata: { name: 'as.a.b' },
      spec: {
        group: 'a.b',
        scope: 'Cluster',
        names: { plural: 'as', singular: 'a', kind: 'A', listKind: 'AList' },
        versions: [
          {
            name: 'v1',
            served: true,
            storage: true,
            schema: {
              openAPIV3Schema: {
                type: 'object',
                properties: Object.fromEntries(
                  (values as number[]).map((value) => [`p${value}`, properties(value)]),
                ),
              },
            },
          },
        ],
      },
      status: { storedVersions: ['v1'] },
    } as never,
    'v1',
    tools,
  );

test.each<[string, (value: unknown) => Pieces<unknown>, (i: number) => unknown]>([
  ['items', validate(inList(text)), (i) => `v${i}`],
  ['errors of items', validate(inList({ type: 'string', enum: ['a'] })), (i) => `v${i}`],
  ['alternatives of items', validate(inList({ ...text, anyOf: [{ pattern: '^x' }] })), (i) => `v${i}`],
  ['items of a set', lists(inList(text, { 'x-kubernetes-list-type': 'set' })), (i) => `v${i}`],
  [
    'items of a map',
    lists(
      inList({ type: 'object' }, { 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['a'] }),
    ),
    (i) => ({ a: i }),
  ],
  [
    'rules of items',
    judge(inList({ ...text, 'x-kubernetes-validations': [{ rule: 'self.size() < 9' }] }, { maxItems: 9000 })),
    (i) => `v${i}`,
  ],
  ['properties of a definition', define(() => text), (i) => i],
  ['defaults of a definition', define(() => ({ ...text, default: 'a' })), (i) => i],
  ['patterns of a definition', define((i) => ({ ...text, pattern: `^${i}$` })), (i) => i],
])('work for many %s is done in pieces', (_, work, of) => {
  const piecesOf = (count: number): number => {
    let pieces = 0;
    for (const rest = work(many(count, of)); !rest.next().done; ) pieces++;
    return pieces;
  };
  const few = piecesOf(50);
  expect(piecesOf(1000) - few).toBeGreaterThanOrEqual(5);
});
