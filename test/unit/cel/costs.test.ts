/** Run-time costs, equal to kube-apiserver's: they decide which expressions are admitted. */

import { expect, test } from 'vitest';
import { type DeclaredType, declaredType, structsOf } from '../../../shared/cel/declared-type.ts';
import { activationOf, CelEnvironment, evaluate } from '../../../shared/cel/environment.ts';
import type { CelSchema } from '../../../shared/cel/schema.ts';
import { typedValue } from '../../../shared/cel/typed-value.ts';

const integer: CelSchema = { type: 'integer' };
const number: CelSchema = { type: 'number' };
const string: CelSchema = { type: 'string' };
const boolean: CelSchema = { type: 'boolean' };
const intOrString: CelSchema = { 'x-kubernetes-int-or-string': true };
const object = (properties: Record<string, CelSchema>): CelSchema => ({ type: 'object', properties });
const list = (items: CelSchema, listType?: string, keys?: string[]): CelSchema => ({
  type: 'array',
  items,
  'x-kubernetes-list-type': listType,
  'x-kubernetes-list-map-keys': keys,
});
const map = (values: CelSchema): CelSchema => ({ type: 'object', additionalProperties: values });

interface Case {
  readonly schema: CelSchema;
  readonly object: Record<string, unknown>;
  readonly costs: Record<string, number>;
}

/** Expressions that are true, and their costs. */
const CASES: Record<string, Case> = {
  integers: {
    schema: object({ a: integer, b: integer }),
    object: { a: 7, b: 7 },
    costs: {
      'self.a == self.b': 5,
      'self.a == 7 && 7 == self.a && self.a == self.b': 11,
      'type(self.a) == int': 4,
      'self.a + 1 == 7 + 1': 5,
    },
  },
  'numbers of several types': {
    schema: object({ i: integer, n: number, whole: number }),
    object: { i: 5, n: 10.5, whole: 10 },
    costs: {
      'double(self.i) < self.n': 6,
      'self.i < int(self.n)': 6,
      'double(5) < 10.0': 1,
      '5 < int(10.0)': 1,
      'double(self.i) < 10.0': 4,
      'type(self.whole) == double': 4,
      'self.whole == 10.0': 3,
    },
  },
  'unicode strings': {
    schema: object({ s: string, t: string }),
    object: { s: 'Rook takes 👑', t: 'Rook takes 👑' },
    costs: {
      "self.s == 'Rook takes 👑' && 'Rook takes 👑' == self.s && self.s == self.t": 14,
      "self.s.startsWith('Rook')": 4,
      "!self.s.startsWith('knight')": 5,
      "self.s.matches('^[^0-9]*$')": 8,
      "!self.s.matches('^[0-9]*$')": 7,
      'type(self.s) == string': 4,
      'size(self.s) == 12': 4,
      "self.s.charAt(3) == 'k'": 4,
      "self.s.indexOf('o') == 1": 4,
      "self.s.indexOf('o', 2) == 2": 4,
      "self.s.replace(' ', 'x') == 'Rookxtakesx👑'": 7,
      "self.s.replace(' ', 'x', 1) == 'Rookxtakes 👑'": 7,
      "self.s.split(' ') == ['Rook', 'takes', '👑']": 6,
      "self.s.split(' ', 2) == ['Rook', 'takes 👑']": 6,
      "self.s.substring(5) == 'takes 👑'": 5,
      "self.s.substring(0, 4) == 'Rook'": 5,
      "self.s.substring(4, 10).trim() == 'takes'": 6,
      "self.s.upperAscii() == 'ROOK TAKES 👑'": 6,
      'self.s.lowerAscii() == self.s.lowerAscii()': 10,
      "'%d %s %f %s %s'.format([1, 'abc', 1.0, duration('1m'), timestamp('2000-01-01T00:00:00.000Z')]) == '1 abc 1.000000 60s 2000-01-01T00:00:00Z'": 6,
      "'%e'.format([3.14]) == '3.140000×10⁰⁰'": 3,
      "'%o %o %o'.format([7, 8, 9]) == '7 10 11'": 2,
      "'%b %b %b'.format([7, 8, 9]) == '111 1000 1001'": 3,
    },
  },
  'formatted strings': {
    schema: object({
      bytes: { type: 'string', format: 'byte' },
      duration: { type: 'string', format: 'duration' },
      date: { type: 'string', format: 'date' },
      time: { type: 'string', format: 'date-time' },
    }),
    object: {
      bytes: 'QUI=',
      duration: '1h2m3s4ms',
      date: '1997-07-16',
      time: '2011-08-18T19:03:37.010000000+01:00',
    },
    costs: {
      "self.bytes == b'AB'": 3,
      'type(self.bytes) == bytes': 4,
      'size(self.bytes) == 2': 4,
      "self.duration == duration('1h2m') + duration('3s4ms')": 4,
      'self.duration.getHours() == 1': 4,
      'type(self.duration) == google.protobuf.Duration': 4,
      'self.date.getDate() == 16': 4,
      "self.time == timestamp('2011-08-18T00:00:00.000+01:00') + duration('19h3m37s10ms')": 4,
      "self.time.getDate('01:00') == 18": 4,
      'type(self.time) == google.protobuf.Timestamp': 4,
    },
  },
  lists: {
    schema: object({ a: list(integer), b: list(integer) }),
    object: { a: [1, 2, 3], b: [1, 2, 3] },
    costs: {
      '1 in self.a': 5,
      'self.b[0] in self.a': 8,
      '!(0 in self.a)': 6,
      'self.a + self.b == [1, 2, 3, 1, 2, 3]': 6,
      'self.a + [4, 5] == [1, 2, 3, 4, 5]': 4,
      'has(self.a)': 1,
      'has(self.a) && has(self.b)': 2,
    },
  },
  sets: {
    schema: object({ a: list(string, 'set'), b: list(string, 'set'), many: list(integer, 'set') }),
    object: { a: ['a', 'b', 'c'], b: ['a', 'c', 'b'], many: Array.from({ length: 1000 }, (_, i) => i + 1) },
    costs: {
      "self.a == ['c', 'b', 'a']": 3,
      'self.a == self.b': 5,
      "'a' in self.a": 5,
      'self.b[0] in self.a': 8,
      "!('x' in self.a)": 6,
      "self.a + self.b == ['a', 'b', 'c']": 6,
      "self.a + ['c', 'd'] == ['a', 'b', 'c', 'd']": 4,
      "sets.contains(self.a, ['a'])": 6,
      "sets.equivalent(self.a, ['a', 'b', 'c'])": 21,
      "sets.intersects(self.a, ['a'])": 6,
      'sets.contains(self.many, [1])': 1003,
      '!sets.equivalent(self.many, [1, 2, 3])': 6004,
      'sets.intersects(self.many, [1])': 1003,
    },
  },
  'lists of maps': {
    schema: object({ objs: list(list(object({ k: string, v: string }), 'map', ['k'])) }),
    object: {
      objs: [
        [
          { k: 'a', v: '1' },
          { k: 'b', v: '2' },
        ],
        [
          { k: 'b', v: '2' },
          { k: 'a', v: '1' },
        ],
        [
          { k: 'b', v: '3' },
          { k: 'a', v: '1' },
        ],
        [{ k: 'c', v: '4' }],
      ],
    },
    costs: {
      'self.objs[0] == self.objs[1]': 7,
      'self.objs[0] + self.objs[2] == self.objs[2]': 11,
      'self.objs[2] + self.objs[0] == self.objs[0]': 11,
      'self.objs[0] == [self.objs[0][0], self.objs[0][1]]': 22,
      'self.objs[0] == [self.objs[0][1], self.objs[0][0]]': 22,
      'self.objs[2] + [self.objs[0][0], self.objs[0][1]] == self.objs[0]': 26,
      'size(self.objs[0] + [self.objs[3][0]]) == 3': 20,
    },
  },
  maps: {
    schema: object({ a: map(string), b: map(string), val: map(integer) }),
    object: { a: { k1: 'a', k2: 'b' }, b: { k2: 'b', k1: 'a' }, val: { b: 1, d: 2 } },
    costs: {
      'self.a == self.b': 5,
      "'k1' in self.a": 3,
      "!('k3' in self.a)": 4,
      "self.a == {'k1': 'a', 'k2': 'b'}": 3,
      '!has(self.val.a)': 3,
      'has(self.val.b)': 2,
      'self.val.all(k, self.val[k] > 0)': 17,
      '!self.val.exists(k, self.val[k] == 3)': 20,
      'self.val.exists_one(k, self.val[k] == 2)': 14,
      '!self.val.exists_one(k, self.val[k] > 0)': 17,
      'size(self.val) == 2': 4,
      'size(self.val.filter(k, self.val[k] > 1)) == 1': 26,
      'self.val.all(k, v, v > 0)': 13,
      '!self.val.exists(k, v, v == 3)': 16,
      'self.val.existsOne(k, v, v == 2)': 10,
      'self.val.transformMap(k, v, v > 1, v + 1).size() == 1': 14,
      'self.val.transformMap(k, v, v + 1).size() == 2': 15,
      "self.val.transformMapEntry(k, v, v > 1, {k + '2': v + 1}).size() == 1": 45,
      "self.val.transformMapEntry(k, v, {k + '2': v + 1}).size() == 2": 77,
    },
  },
  'object access': {
    schema: object({
      a: object({ b: integer, c: integer, d: { type: 'integer', nullable: true } }),
      a1: object({ b1: object({ c1: integer }), d2: object({ e2: integer }) }),
    }),
    object: { a: { b: 1, d: null }, a1: { b1: { c1: 4 } } },
    costs: {
      'has(self.a.b)': 2,
      'has(self.a1.b1.c1)': 3,
      '!(has(self.a1.d2) && has(self.a1.d2.e2))': 3,
      '!has(self.a1.d2)': 3,
    },
  },
  'comprehensions with some failing steps': {
    schema: object({ listMap: list(object({ k: string, v: string, v2: string }), 'map', ['k']) }),
    object: {
      listMap: [
        { k: 'a1', v: 'b1' },
        { k: 'a2', v: 'b2' },
        { k: 'a3', v: 'b3', v2: 'z' },
      ],
    },
    costs: {
      'has(self.listMap[0].v)': 3,
      "self.listMap.all(m, m.k.startsWith('a'))": 21,
      "self.listMap.all(m, !has(m.v2) || m.v2 == 'z')": 21,
      "self.listMap.exists(m, m.k.endsWith('1'))": 13,
      "self.listMap.exists_one(m, m.k == 'a3')": 15,
      "!self.listMap.all(m, m.k.endsWith('1'))": 18,
      "!self.listMap.exists(m, m.v == 'x')": 25,
      "!self.listMap.exists_one(m, m.k.startsWith('a'))": 20,
      "size(self.listMap.filter(m, m.k == 'a1')) == 1": 27,
      "self.listMap.exists(m, m.k == 'a1' && m.v == 'b1')": 16,
      "self.listMap.map(m, m.v).exists(v, v == 'b1')": 55,
      "self.listMap.exists(m, has(m.v2) && m.v2 == 'z')": 21,
      "!self.listMap.all(m, has(m.v2) && m.v2 != 'z')": 10,
      "self.listMap.exists_one(m, has(m.v2) && m.v2 == 'z')": 12,
      "self.listMap.filter(m, has(m.v2) && m.v2 == 'z').size() == 1": 24,
      "self.listMap.map(m, has(m.v2) && m.v2 == 'z', m.v2).size() == 1": 25,
      "self.listMap.filter(m, has(m.v2) && m.v2 == 'z').map(m, m.v2).size() == 1": 39,
      "self.listMap.exists(m, m.v2 == 'z')": 24,
      "!self.listMap.all(m, m.v2 != 'z')": 22,
      "self.listMap.transformList(i, m, has(m.v2) && m.v2 == 'z', m.v2).size() == 1": 25,
      'self.listMap.transformList(i, m, m.v).size() == 3': 47,
    },
  },
  'list access': {
    schema: object({ array: list(integer) }),
    object: { array: [1, 1, 2, 2, 3, 3, 4, 5] },
    costs: {
      '2 in self.array': 10,
      'self.array.all(e, e > 0)': 43,
      'self.array.exists(e, e > 2)': 36,
      'self.array.exists_one(e, e > 4)': 22,
      '!self.array.all(e, e < 2)': 21,
      '!self.array.exists(e, e < 0)': 52,
      'size(self.array.filter(e, e%2 == 0)) == 3': 68,
      'self.array.map(e, e * 20).filter(e, e > 50).exists(e, e == 60)': 194,
      'self.array.transformList(i, e, e > 2, e * 2).size() > 0': 77,
      'self.array.transformList(i, e, e * 2).size() > 0': 117,
    },
  },
  'embedded resources': {
    schema: object({ embedded: { type: 'object', 'x-kubernetes-embedded-resource': true } }),
    object: {
      embedded: { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'foo', generateName: 'pickItForMe' } },
    },
    costs: {
      "self.embedded.kind == 'Pod'": 4,
      "self.embedded.metadata.name == 'foo'": 5,
      "self.embedded.metadata.generateName == 'pickItForMe'": 6,
    },
  },
  'int or string': {
    schema: object({ s: intOrString, i: intOrString, current: integer, available: integer }),
    object: { s: '50%', i: 1, current: 5, available: 10 },
    costs: {
      "type(self.s) == int ? self.s == 1 : self.s == '50%'": 7,
      "type(self.s) == string && self.s == '50%'": 7,
      'self.s != 1': 3,
      "self.s == 1 || self.s == '50%'": 6,
      "self.s == '50%' || self.s == 1": 3,
      "self.s != ['anything']": 3,
      "type(self.i) == int ? self.i == 1 : self.i == '25%'": 7,
      "type(self.s) == string && self.s.matches(r'(\\d+(\\.\\d+)?%)')": 10,
      "type(self.s) == int ? self.current <= self.s : double(self.current) / double(self.available) >= double(self.s.replace('%', '')) / 100.0": 17,
    },
  },
  'nested containers': {
    schema: object({ mapOfMap: map(map(string)), listOfObj: list(object({ f: string })) }),
    object: { mapOfMap: { x: { y: 'b' } }, listOfObj: [{ f: 'h' }] },
    costs: {
      "self.mapOfMap['x']['y'] == 'b'": 5,
      "self.listOfObj[0].f == 'h'": 5,
      'self.mapOfMap.map(k, k).map(k, k).size() == 1': 32,
      'self.mapOfMap.map(k, self.mapOfMap[k].map(m, m)).size() == 1': 34,
    },
  },
  optionals: {
    schema: object({ obj: object({ field: string, absentField: string }), m: map(string), l: list(string) }),
    object: { obj: { field: 'a' }, m: { k: 'v' }, l: ['a'] },
    costs: {
      "optional.of('a') != optional.of('b')": 3,
      "optional.of('a') != optional.none()": 3,
      "optional.of('a').hasValue()": 2,
      "optional.of('a').or(optional.of('a')).hasValue()": 2,
      "optional.none().or(optional.of('a')).hasValue()": 3,
      "!optional.of('a').optMap(v, v == 'value').value()": 9,
      "self.obj.?field == optional.of('a')": 5,
      'self.obj.?absentField == optional.none()': 4,
      "self.obj.?field.orValue('v') == 'a'": 4,
      "self.m[?'k'] == optional.of('v')": 5,
      "self.l[?0] == optional.of('a')": 5,
      'optional.ofNonZeroValue(1).hasValue()': 2,
    },
  },
  quantities: {
    schema: object({ a: string, b: string }),
    object: { a: '20', b: '200M' },
    costs: {
      'isQuantity(self.a)': 3,
      'isQuantity("200M")': 1,
      'quantity("200M") == quantity("0.2G") && quantity("0.2G") == quantity("200M")': 6,
      'quantity(self.a).isLessThan(quantity(self.b))': 7,
      'quantity("50Mi").isGreaterThan(quantity("50M"))': 3,
      'quantity("200M").compareTo(quantity("0.2G")) == 0': 4,
      'quantity("50k").add(quantity("20")) == quantity("50.02k")': 5,
      'quantity("50k").sub(20) == quantity("49980")': 4,
      'quantity("50").isInteger()': 2,
    },
  },
  'list functions': {
    schema: object({ a: boolean }),
    object: {},
    costs: {
      'lists.range(4) == [0,1,2,3]': 16,
      'lists.range(0) == []': 11,
      '[5,1,2,3].reverse() == [3,2,1,5]': 16,
      '[].reverse() == []': 11,
      '[false, true, true].reverse().reverse() == [false, true, true]': 29,
      '[1,2,3,4].slice(1, 3) == [2, 3]': 14,
      'dyn([1,2,3,4]).flatten() == [1,2,3,4]': 16,
      '[4, 3, 2, 1].sort() == [1, 2, 3, 4]': 44,
      '["d", "a", "b", "c"].sort() == ["a", "b", "c", "d"]': 45,
      '[].sortBy(e, e) == []': 14,
      '["a"].sortBy(e, e) == ["a"]': 30,
      '[-3, 1, -5, -2, 4].sortBy(e, -(e * e)) == [-5, 4, -3, -2, 1]': 145,
      '[-3, 1, -5, -2, 4].map(e, e * 2).sortBy(e, -(e * e)) == [-10, 8, -6, -4, 2]': 216,
      'lists.range(3).sortBy(e, -e) == [2, 1, 0]': 89,
      '["a", "c", "b", "first"].sortBy(e, e == "first" ? "" : e) == ["first", "a", "b", "c"]': 104,
      "[{'name': 'foo'}, {'name': 'bar'}, {'name': 'baz'}].sortBy(e, e.name) == [{'name': 'bar'}, {'name': 'baz'}, {'name': 'foo'}]": 75,
      '[-2, 5, -2, 1, 1, 5, -2, 1].distinct() == [-2, 5, 1]': 140,
      "['c', 'a', 'a', 'b', 'a', 'b', 'c', 'c'].distinct() == ['c', 'a', 'b']": 146,
      '[[1], [1], [2]].distinct() == [[1], [2]]': 30,
    },
  },
};

function environmentOf(self: DeclaredType): CelEnvironment {
  return new CelEnvironment({ variables: { self: self.type }, structs: structsOf(self) });
}

const rows = Object.entries(CASES).flatMap(([name, { schema, object: json, costs }]) => {
  const environment = environmentOf(declaredType(schema, 'selfType', true)!);
  return Object.entries(costs).map(([expression, cost]) => ({
    name,
    environment,
    schema,
    json,
    expression,
    cost,
  }));
});

test.each(rows)('$name: $expression', ({ environment, schema, json, expression, cost }) => {
  const activation = activationOf({ self: typedValue(json, schema) });
  const compiled = environment.compile(expression);
  expect(evaluate(compiled, activation)).toEqual({ value: true, cost });
  // Cached results are charged again.
  expect(evaluate(compiled, activation)).toEqual({ value: true, cost });
});
