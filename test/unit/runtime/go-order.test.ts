import { expect, test } from 'vitest';
import { inGoOrder } from '../../../shared/runtime/go-order.ts';
import { builtinScheme } from '../../../shared/server/builtin-scheme.ts';
import { atOnce } from '../../../shared/util/breathe.ts';

const POD = builtinScheme().scheme.schema({ group: '', version: 'v1', kind: 'Pod' });

test('structs are written in declaration order, maps by key', () => {
  const pod = {
    spec: { containers: [{ odd: 1, image: 'x', name: 'c' }] },
    metadata: { resourceVersion: '1', labels: { b: '1', a: '2' }, name: 'p' },
    kind: 'Pod',
  };
  expect(JSON.stringify(atOnce(inGoOrder(pod, POD)))).toBe(
    '{"kind":"Pod","metadata":{"name":"p","resourceVersion":"1","labels":{"a":"2","b":"1"}},' +
      '"spec":{"containers":[{"name":"c","image":"x","odd":1}]}}',
  );
});

test('values without a schema are unordered', () => {
  const value = { b: { d: 1, c: 2 }, a: 1 };
  expect(JSON.stringify(atOnce(inGoOrder(value, undefined)))).toBe('{"b":{"d":1,"c":2},"a":1}');
});
