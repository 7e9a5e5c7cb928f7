import { describe, expect, test } from 'vitest';
import { customResourceTableConvertor } from '../../../shared/apiextensions/registry/customresource/table-convertor.ts';
import type { KubeObject } from '../../../shared/meta/kube-object.ts';
import { cellAt } from '../../../shared/rest/table/cell.ts';

const NOW = Date.parse('2026-01-02T00:00:00Z');
const OBJECT = {
  apiVersion: 'example.com/v1',
  kind: 'Thing',
  metadata: { name: 'a', creationTimestamp: '2026-01-01T00:00:00Z', labels: { 'example.com/x': 'y' } },
  spec: {
    text: 'hi',
    count: 3,
    ratio: 2.75,
    big: 9007199254740993n,
    on: false,
    nothing: null,
    map: { b: 1, a: '<' },
    exact: { n: 9007199254740993n },
    list: [
      { name: 'one', ready: 'True' },
      { name: 'two', ready: 'False' },
    ],
  },
} as unknown as KubeObject;

/** The cell of a column of this type. */
function cell(type: string, jsonPath: string): unknown {
  const [, value] = customResourceTableConvertor([{ name: 'X', type, jsonPath }]).cells(OBJECT);
  return cellAt(value!, NOW);
}

describe('cells', () => {
  test.each<[type: string, path: string, expected: unknown]>([
    ['string', '.spec.text', 'hi'],
    ['string', '.spec.count', '3'],
    ['string', '.spec.ratio', '2.75'],
    ['string', '.spec.big', '9007199254740993'],
    ['string', '.spec.on', 'false'],
    ['string', '.spec.nothing', '<no value>'],
    ['string', '.spec.missing', null],
    ['string', '.spec.map', '{"a":"\\u003c","b":1}'],
    ['string', '.spec.exact', '{"n":9007199254740993}'],
    ['string', '.spec.list[*].name', 'one'],
    ['string', '.spec.list[?(@.ready=="False")].name', 'two'],
    ['string', '.spec.list[-1].name', 'two'],
    ['string', '.spec.list[9].name', null],
    ['string', '.spec.text.deeper', null],
    ['string', ".metadata.labels['example\\.com/x']", 'y'],
    ['integer', '.spec.count', 3],
    ['integer', '.spec.ratio', 2],
    ['integer', '.spec.text', null],
    ['integer', '.spec.nothing', null],
    ['number', '.spec.ratio', 2.75],
    ['number', '.spec.on', null],
    ['boolean', '.spec.on', false],
    ['boolean', '.spec.count', null],
    ['date', '.metadata.creationTimestamp', '24h'],
    ['date', '.spec.text', '<invalid>'],
    ['date', '.spec.count', null],
    ['else', '.spec.text', null],
  ])('%s %s', (type, path, expected) => {
    expect(cell(type, path)).toEqual(expected);
  });
});

test('headers: the name, and the columns up to an unreadable one', () => {
  const { columnDefinitions } = customResourceTableConvertor([
    { name: 'Text', type: 'string', description: 'Says it.', format: 'password', jsonPath: '.spec.text' },
    { name: 'Wide', type: 'integer', priority: 1, jsonPath: '.spec.count' },
    { name: 'Broken', type: 'string', jsonPath: '.spec[' },
    { name: 'Lost', type: 'string', jsonPath: '.spec.text' },
  ]);
  expect(columnDefinitions.slice(1)).toEqual([
    { name: 'Text', type: 'string', format: 'password', description: 'Says it.', priority: 0 },
    {
      name: 'Wide',
      type: 'integer',
      format: '',
      description: 'Custom resource definition column (in JSONPath format): .spec.count',
      priority: 1,
    },
  ]);
  expect(columnDefinitions[0]).toMatchObject({ name: 'Name', type: 'string', format: 'name', priority: 0 });
});

test('without columns only the age is shown', () => {
  const table = customResourceTableConvertor([]);
  expect(table.columnDefinitions.map(({ name }) => name)).toEqual(['Name', 'Age']);
  expect(table.cells(OBJECT).map((value) => cellAt(value, NOW))).toEqual(['a', '24h']);
});

test("cells beyond a row's cost limit are empty", () => {
  const large = { ...OBJECT, spec: { text: 'x'.repeat(1_000_000) } };
  const columns = Array.from({ length: 8 }, (_, i) => ({ name: `C${i}`, type: 'string', jsonPath: '.spec' }));
  const cells = customResourceTableConvertor(columns).cells(large);
  expect(cells.slice(1).map((value) => value !== null)).toEqual([true, true, true, ...Array(5).fill(false)]);
});
