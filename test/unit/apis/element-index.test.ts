import { expect, test } from 'vitest';
import { ElementIndex } from '../../../shared/apis/declarative/element-index.ts';

const named = [{ name: 'a', port: 1 }, { name: 'b' }, { name: 'a', port: 2 }, { port: 1 }, null];

test.each<[string, readonly unknown[], unknown, readonly string[] | undefined, number]>([
  ['by its key, the first one', named, { name: 'a', port: 2 }, ['name'], 0],
  ['by its keys', named, { name: 'a', port: 2 }, ['name', 'port'], 2],
  ['with a key that is absent', named, { port: 9 }, ['name'], 3],
  ['with a key of another type', named, { name: 'a', port: '1' }, ['name', 'port'], -1],
  ['with keys whose texts join to the same', [{ a: 'x","y', b: '' }], { a: 'x', b: 'y' }, ['a', 'b'], -1],
  ['with a key that is null', [{ a: null }, {}], { a: null }, ['a'], 0],
  ['as a scalar', ['a', 1, '1', true], '1', undefined, 2],
  ['as a whole', [{ a: 1 }, { a: 2, list: [] }], { a: 2 }, undefined, 1],
  ['as a large integer', [1, 2n ** 60n], 2n ** 60n, undefined, 1],
  ['that is not there', ['a'], 'b', undefined, -1],
])('an element is found %s', (_, list, element, keys, expected) => {
  const index = new ElementIndex();
  for (let i = 0; i < 2; i++) expect(index.place(list, element, keys)).toBe(expected);
  expect(index.find(list, element, keys)).toBe(expected < 0 ? undefined : list[expected]);
});

test('a list is read once for any number of elements', () => {
  let reads = 0;
  const list = new Proxy(
    Array.from({ length: 100 }, (_, i) => ({ name: `n${i}` })),
    {
      get(target, key, receiver) {
        reads++;
        return Reflect.get(target, key, receiver);
      },
    },
  );
  const index = new ElementIndex();
  index.place(list, { name: 'n99' }, ['name']);
  const once = reads;
  for (let i = 0; i < 100; i++) expect(index.place(list, { name: `n${i}` }, ['name'])).toBe(i);
  expect(reads).toBe(once);
});
