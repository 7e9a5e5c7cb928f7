/** Estimated costs, equal to kube-apiserver's: they decide which rules a CRD may have. */

import { expect, test } from 'vitest';
import { estimateCost } from '../../../shared/cel/cost-estimator.ts';
import { declaredType, maxCardinality, structsOf } from '../../../shared/cel/declared-type.ts';
import { CelEnvironment } from '../../../shared/cel/environment.ts';
import type { CelSchema } from '../../../shared/cel/schema.ts';

const integer: CelSchema = { type: 'integer' };
const string: CelSchema = { type: 'string' };
const format = (name: string): CelSchema => ({ type: 'string', format: name });
const object = (properties: Record<string, CelSchema>): CelSchema => ({ type: 'object', properties });
const list = (items: CelSchema): CelSchema => ({ type: 'array', items });
const map = (values: CelSchema): CelSchema => ({ type: 'object', additionalProperties: values });

const CASES: readonly (readonly [CelSchema, Record<string, number>])[] = [
  [
    object({ a: integer, b: integer, n: { type: 'number' } }),
    {
      'self.a == 7 && 7 == self.a && self.a == self.b': 8,
      'self.a == self.b': 4,
      'type(self.a) == int': 4,
      'self.a + 1 == 7 + 1': 5,
      '5 < int(10.0)': 2,
      'double(self.a) < 10.0': 4,
    },
  ],
  [
    object({ s: string, t: string }),
    {
      "self.s == 'Rook takes 👑' && 'Rook takes 👑' == self.s && self.s == self.t": 314585,
      "self.s.startsWith('Rook')": 3,
      "self.s.matches('^[^0-9]*$')": 943721,
      "!self.s.matches('^[0-9]*$')": 629149,
      'size(self.s) == 12': 4,
      "self.s.charAt(3) == 'k'": 4,
      "self.s.indexOf('o') == 1": 314576,
      "self.s.replace(' ', 'x') == 'Rookxtakesx👑'": 629150,
      "self.s.split(' ') == ['Rook', 'takes', '👑']": 629159,
      "self.s.substring(5) == 'takes 👑'": 314576,
      "self.s.substring(4, 10).trim() == 'takes'": 629149,
      "self.s.upperAscii() == 'ROOK TAKES 👑'": 314577,
      'self.s.lowerAscii() == self.s.lowerAscii()': 943723,
    },
  ],
  [
    object({
      i: integer,
      n: { type: 'number' },
      s: string,
      bytes: format('byte'),
      duration: format('duration'),
      date: format('date'),
      time: format('date-time'),
      choice: { type: 'string', enum: ['Pending', 'Available', 'Bound', 'Released', 'Failed'] },
    }),
    {
      "self.bytes == b'AB'": 3,
      "self.duration == duration('1h2m') + duration('3s4ms')": 6,
      "self.time == timestamp('2011-08-18T00:00:00.000+01:00') + duration('19h3m37s10ms')": 6,
      "self.choice == 'Pending'": 3,
      "self.choice in ['Pending', 'Available']": 14,
      'int(self.n) == self.i': 5,
      'bytes(self.s) == self.bytes': 629150,
      'string(self.i) == self.s': 314578,
      "string(self.n) == '10.5'": 4,
      'string(self.bytes) == self.s': 629150,
      'duration(self.s) == self.duration': 6,
      'timestamp(self.s) == self.time': 6,
    },
  ],
  [
    object({ a: list(integer), b: list(integer) }),
    {
      'self.a == [1, 2, 3] && [1, 2, 3] == self.a && self.a == self.b': 157317,
      '1 in self.a': 1572865,
      'self.b[0] in self.a': 1572868,
      'self.a + self.b == [1, 2, 3, 1, 2, 3]': 16,
      'self.a + [4, 5] == [1, 2, 3, 4, 5]': 24,
      '!has(self.a)': 2,
      'self.a.all(k, size(self.a) > 0)': 11010044,
      'self.a.exists_one(k, self.a == [2])': 23592949,
      'size(self.a.filter(k, size(self.a) > 1)) == 1': 26738686,
      'self.a.all(e, e > 0)': 7864318,
      'self.a.exists(e, e > 2)': 9437181,
      'self.a.exists_one(e, e > 4)': 6291456,
      'self.a.map(e, e * 20).filter(e, e > 50).exists(e, e == 60)': 53477367,
    },
  ],
  [
    object({ val: map(integer) }),
    {
      "'b' in self.val": 3,
      'has(self.val.b)': 2,
      'self.val.all(k, self.val[k] > 0)': 3595115,
      'self.val.exists_one(k, self.val[k] == 2)': 2696338,
      'size(self.val.filter(k, self.val[k] > 1)) == 1': 8089017,
    },
  ],
  [
    object({ listMap: list(object({ k: string, v: string, v2: string })) }),
    {
      'has(self.listMap[0].v)': 3,
      "self.listMap.all(m, m.k.startsWith('a'))": 6291453,
      "self.listMap.all(m, !has(m.v2) || m.v2 == 'z')": 8388603,
      "self.listMap.exists_one(m, m.k == 'a3')": 5242879,
      "size(self.listMap.filter(m, m.k == 'a1')) == 1": 16777215,
      "self.listMap.map(m, m.v).exists(v, v == 'b1')": 19922939,
      "self.listMap.filter(m, has(m.v2) && m.v2 == 'z').map(m, m.v2).size() == 1": 32505851,
    },
  ],
  [
    object({ short: { type: 'string', maxLength: 10 }, few: { type: 'array', items: string, maxItems: 5 } }),
    {
      "self.short.matches('^[a-z]*$')": 2 + 5 * 2,
      "self.few.all(e, e == 'x')": 1 + 1 + 1 + 5 * (2 + 1 + 1 + 1),
    },
  ],
];

const rows = CASES.flatMap(([schema, costs]) => {
  const self = declaredType(schema, 'selfType', true)!;
  const environment = new CelEnvironment({ variables: { self: self.type }, structs: structsOf(self) });
  return Object.entries(costs).map(([expression, max]) => ({ self, environment, expression, max }));
});

test.each(rows)('$expression costs at most $max', ({ self, environment, expression, max }) => {
  const { checked } = environment.compile(expression);
  expect(estimateCost(checked, self).max).toBe(max);
});

test('cardinality is derived from the smallest size', () => {
  const schema = object({ a: string, b: integer });
  const required: CelSchema = { ...schema, required: ['a', 'b'] };
  const sizes = [schema, required].map((s) => declaredType(s, 'selfType')!.minSerializedSize);
  expect(sizes).toEqual([2, 2 + (1 + 2 + 4) + (1 + 1 + 4)]);
  expect(sizes.map(maxCardinality)).toEqual([1048576, 196608]);
});
