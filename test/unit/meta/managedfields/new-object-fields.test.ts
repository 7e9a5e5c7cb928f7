import { expect, test } from 'vitest';
import type { KubeObject } from '../../../../shared/meta/kube-object.ts';
import { compare } from '../../../../shared/meta/managedfields/compare.ts';
import { shapeOf } from '../../../../shared/meta/managedfields/new-object-fields.ts';
import { TypedValueError } from '../../../../shared/meta/managedfields/typed-value.ts';
import { atOnce } from '../../../../shared/util/breathe.ts';
import fc from '../../../fixtures/fuzz.ts';
import { managerOf, schemaOf, summary } from './fixtures.ts';

const schema = schemaOf('v1/Pod');
const before = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: {},
  spec: { nodeName: 'n', tolerations: [], nodeSelector: {} },
};

/** The fields of a pod that its creator owns, found without a cache. */
function fieldsOf(value: unknown): unknown {
  try {
    const { added, modified } = atOnce(compare(before, value, schema));
    return atOnce(added.union(modified).toFieldsV1());
  } catch (error) {
    if (error instanceof TypedValueError) return error.message;
    throw error;
  }
}

const few = fc.constantFrom('a', 'b', '', '{1:a', null);
/** Pods that are often alike: maps, lists by keys with defaults, sets, atomic lists, and values of wrong types. */
const pods = fc.record(
  {
    apiVersion: fc.constantFrom('v1', 'v2'),
    metadata: fc.record(
      {
        labels: fc.dictionary(fc.constantFrom('a', '1:a', '{'), few, { maxKeys: 2 }),
        finalizers: fc.array(few, { maxLength: 2 }),
      },
      { requiredKeys: [] },
    ),
    spec: fc.oneof(
      fc.record(
        {
          nodeName: fc.constantFrom('n', 'm'),
          nodeSelector: fc.dictionary(fc.constantFrom('a', 'b'), few, { maxKeys: 1 }),
          tolerations: fc.array(fc.record({ key: few }), { maxLength: 1 }),
          containers: fc.array(
            fc.oneof(
              fc.record(
                {
                  name: fc.constantFrom('a', 'b'),
                  args: fc.array(few, { maxLength: 1 }),
                  ports: fc.array(
                    fc.record(
                      {
                        containerPort: fc.constantFrom(80, 443, 2n ** 60n),
                        protocol: fc.constantFrom('TCP', undefined, null),
                        name: few,
                      },
                      { requiredKeys: [] },
                    ),
                    { maxLength: 2 },
                  ),
                },
                { requiredKeys: [] },
              ),
              fc.constantFrom(null, 'a'),
            ),
            { maxLength: 2 },
          ),
        },
        { requiredKeys: [] },
      ),
      fc.constantFrom(null, 'text', undefined, {}),
    ),
  },
  { requiredKeys: [] },
);

test('pods of one shape have the same fields', () => {
  const fields = new Map<string, unknown>();
  let alike = 0;
  fc.assert(
    fc.property(pods, (pod) => {
      const shape = shapeOf(before, pod, schema)!;
      const own = fieldsOf(pod);
      if (fields.has(shape)) {
        alike++;
        expect(own).toEqual(fields.get(shape));
      }
      fields.set(shape, own);
    }),
    { numRuns: 10_000 },
  );
  expect(alike).toBeGreaterThan(1_000);
  expect(fields.size).toBeGreaterThan(1_000);
});

test('values that are no names do not change the shape, and names do', () => {
  const pod = (name: string, image: string) => ({ spec: { containers: [{ name, image }] } });
  const shape = shapeOf({}, pod('a', 'x'), schema);
  expect(shapeOf({}, pod('a', 'y'), schema)).toBe(shape);
  expect(shapeOf({}, pod('b', 'x'), schema)).not.toBe(shape);
});

test('large objects have no shape', () => {
  const labels = Object.fromEntries(Array.from({ length: 500 }, (_, n) => [`l${n}`, '']));
  expect(shapeOf({}, { metadata: { labels } }, schema)).toBeUndefined();
  const containers = Array.from({ length: 500 }, (_, n) => ({ name: `c${n}` }));
  expect(shapeOf({}, { spec: { containers } }, schema)).toBeUndefined();
});

const many = Object.fromEntries(Array.from({ length: 5_000 }, (_, n) => [`k${n}`, '1']));
const long = 'a'.repeat(100_000);
test.each<[string, object]>([
  ['an atomic map of many keys', { spec: { nodeSelector: many } }],
  ['an atomic list of many items', { spec: { tolerations: Object.keys(many).map((key) => ({ key })) } }],
  ['a long text in place of another', { spec: { nodeName: long } }],
  ['a long name of a field', { metadata: { labels: { [long]: '' } } }],
  ['a long key of an item', { spec: { containers: [{ name: long }] } }],
  ['a long item of a set', { metadata: { finalizers: [long] } }],
])('an object with %s has no shape: shapes are remembered', (_, value) => {
  expect(shapeOf(before, value, schema)).toBeUndefined();
});

const CONFIG_MAP = { group: '', version: 'v1', kind: 'ConfigMap' };
const configMap = (data: object | undefined) =>
  ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'c' }, data }) as unknown as KubeObject;

test('objects alike have equal entries, with their own manager, that cannot be changed', async () => {
  const manager = managerOf(CONFIG_MAP);
  const [first, second, other, none] = [{ a: '1' }, { a: '2' }, { b: '1' }, undefined].map(configMap);
  await manager.update(undefined, first!, 'one');
  await manager.update(undefined, second!, 'two');
  await manager.update(undefined, other!, 'one');
  for (let n = 0; n < 2; n++) await manager.update(undefined, none!, 'one');
  const fields = { 'f:data': { '.': {}, 'f:a': {} } };
  expect(summary(first!)).toEqual({ 'one/Update': fields });
  expect(summary(second!)).toEqual({ 'two/Update': fields });
  expect(summary(other!)).toEqual({ 'one/Update': { 'f:data': { '.': {}, 'f:b': {} } } });
  expect(none!.metadata.managedFields).toBeUndefined();
  const [entry] = second!.metadata.managedFields!;
  expect(() => Object.assign(entry!.fieldsV1 as object, { 'f:x': {} })).toThrow(TypeError);
});

test('fields that a resource does not track depend on the resource', async () => {
  const all = managerOf(CONFIG_MAP);
  const without = managerOf(CONFIG_MAP, { resetFields: { v1: [['data']] } });
  const [tracked, untracked] = [{ r: '1' }, { r: '1' }].map(configMap);
  await all.update(undefined, tracked!, 'one');
  await without.update(undefined, untracked!, 'one');
  expect(summary(tracked!)).toEqual({ 'one/Update': { 'f:data': { '.': {}, 'f:r': {} } } });
  expect(untracked!.metadata.managedFields).toBeUndefined();
});
