import { describe, expect, test } from 'vitest';
import { FieldSet } from '../../../../shared/meta/managedfields/field-set.ts';
import {
  formatPath,
  keyElement,
  parsePathElement,
  valueElement,
} from '../../../../shared/meta/managedfields/path-element.ts';
import { toFieldSet } from '../../../../shared/meta/managedfields/to-field-set.ts';
import { atOnce } from '../../../../shared/util/breathe.ts';
import { schemaOf } from './fixtures.ts';

const set = (...paths: string[]) =>
  FieldSet.of(...paths.map((path) => path.split('/').map((name) => `f:${name}`)));

describe('path elements', () => {
  test.each([
    ['f:spec', 'f:spec', '.spec'],
    ['k:{"b":1,"a":"x"}', 'k:{"a":"x","b":1}', '[a="x",b=1]'],
    ['v:"x"', 'v:"x"', '[="x"]'],
    ['v:1.0', 'v:1', '[=1]'],
    ['i:3', 'i:3', '[3]'],
    ['k:{"a":{}}', 'k:{"a":{}}', '[a=]'],
    ['k:{"a":{"b":1,"c":["x",null]}}', 'k:{"a":{"b":1,"c":["x",null]}}', '[a=b=1c=["x",null]]'],
  ])('%s', (text, canonical, shown) => {
    expect(parsePathElement(text)).toBe(canonical);
    expect(formatPath([canonical])).toBe(shown);
  });

  test.each(['x:a', 'spec', '', 'i:x'])('%j is not a path element', (text) => {
    expect(() => parsePathElement(text)).toThrow();
  });

  test('names are canonical', () => {
    expect(
      keyElement([
        ['protocol', 'TCP'],
        ['port', 80],
      ]),
    ).toBe('k:{"port":80,"protocol":"TCP"}');
    expect(valueElement('a"b')).toBe('v:"a\\"b"');
  });
});

describe('set operations', () => {
  const a = set('x', 'x/y', 'z');
  const b = set('x/y', 'w');
  test.each([
    ['union', a.union(b), set('x', 'x/y', 'z', 'w')],
    ['intersection', a.intersection(b), set('x/y')],
    ['difference', a.difference(b), set('x', 'z')],
    ['difference in the other direction', b.difference(a), set('w')],
    ['recursive difference', set('x/y', 'x/y/z', 'v').recursiveDifference(set('x')), set('v')],
    ['plain difference keeps nested fields', set('x/y').difference(set('x')), set('x/y')],
    ['with an empty set', a.difference(FieldSet.EMPTY), a],
  ])('%s', (_, actual, expected) => {
    expect(atOnce(actual.toFieldsV1())).toEqual(atOnce(expected.toFieldsV1()));
    expect(actual.equals(expected)).toBe(true);
  });

  test('membership is exact', () => {
    expect([a.has(['f:x']), a.has(['f:x', 'f:y']), b.has(['f:x']), a.has([])]).toEqual([
      true,
      true,
      false,
      false,
    ]);
  });
});

test.each([
  [{}],
  [{ 'f:a': {} }],
  [{ 'f:metadata': { 'f:labels': { '.': {}, 'f:app': {} } } }],
  [{ 'f:spec': { 'k:{"name":"a"}': { '.': {}, 'f:image': {} }, 'v:"x"': {}, 'i:0': {} } }],
])('FieldsV1 %j reads and writes', (fields) => {
  expect(atOnce(atOnce(FieldSet.fromFieldsV1(fields as never)).toFieldsV1())).toEqual(fields);
});

test('FieldsV1 is written in upstream order', () => {
  const fields = { 'v:1': {}, 'i:0': {}, 'k:{"port":443}': {}, 'k:{"port":80}': {}, 'f:b': {}, 'f:a': {} };
  expect(Object.keys(atOnce(atOnce(FieldSet.fromFieldsV1(fields)).toFieldsV1()))).toEqual([
    'f:a',
    'f:b',
    'k:{"port":80}',
    'k:{"port":443}',
    'v:1',
    'i:0',
  ]);
});

describe('the fields of an object', () => {
  test.each<[string, string, object, object]>([
    [
      "a map's own entry is distinct from its keys",
      'v1/ConfigMap',
      { data: { a: '1' } },
      { 'f:data': { 'f:a': {} } },
    ],
    ['an empty map is a leaf', 'v1/ConfigMap', { data: {} }, { 'f:data': {} }],
    ['null is a leaf', 'v1/ConfigMap', { data: null }, { 'f:data': {} }],
    [
      'items of a list by key, defaults included; atomic lists whole; sets by value',
      'v1/Pod',
      {
        metadata: { finalizers: ['x'], labels: { app: 'y' } },
        spec: {
          containers: [
            { name: 'c', args: ['-v'], ports: [{ containerPort: 80 }], resources: { limits: { cpu: '1' } } },
          ],
          nodeSelector: { disk: 'ssd' },
        },
      },
      {
        'f:metadata': { 'f:finalizers': { 'v:"x"': {} }, 'f:labels': { 'f:app': {} } },
        'f:spec': {
          'f:containers': {
            'k:{"name":"c"}': {
              '.': {},
              'f:name': {},
              'f:args': {},
              'f:ports': { 'k:{"containerPort":80,"protocol":"TCP"}': { '.': {}, 'f:containerPort': {} } },
              'f:resources': { 'f:limits': { 'f:cpu': {} } },
            },
          },
          'f:nodeSelector': {},
        },
      },
    ],
    [
      'items with the same name stand only for themselves',
      'v1/Pod',
      {
        spec: {
          containers: [
            { name: 'c', image: 'a' },
            { name: 'c', image: 'b' },
          ],
        },
      },
      { 'f:spec': { 'f:containers': { 'k:{"name":"c"}': {} } } },
    ],
  ])('%s', (_, key, value, expected) => {
    expect(atOnce(toFieldSet(value, schemaOf(key)).toFieldsV1())).toEqual(expected);
  });
});
