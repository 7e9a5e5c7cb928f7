import { expect, test } from 'vitest';
import { BoundedCache, cachedPromise } from '../../../shared/util/bounded-cache.ts';

test('the least recently used entry is evicted, and reported', () => {
  const evicted: [string, number][] = [];
  const cache = new BoundedCache<string, number>({
    max: 2,
    evicted: (value, key) => evicted.push([key, value]),
  });
  cache.set('a', 1);
  cache.set('b', 2);
  expect(cache.get('a')).toBe(1);
  cache.set('c', 3);
  expect({ evicted, values: [...cache.values()], b: cache.get('b') }).toEqual({
    evicted: [['b', 2]],
    values: [1, 3],
    b: undefined,
  });
});

test('an entry expires, and a later one has its own expiry', () => {
  let now = 0;
  const cache = new BoundedCache<string, number>({ max: 9, now: () => now });
  cache.set('short', 1, 10);
  cache.set('long', 2, 20);
  cache.set('endless', 3);
  now = 10;
  expect(['short', 'long', 'endless'].map((key) => cache.get(key))).toEqual([undefined, 2, 3]);
  cache.set('long', 4, 20);
  now = 29;
  expect(cache.get('long')).toBe(4);
});

test('only the given value is deleted', () => {
  const cache = new BoundedCache<string, number>({ max: 9 });
  cache.set('a', 1);
  cache.delete('a', 2);
  expect(cache.get('a')).toBe(1);
  cache.delete('a', 1);
  expect(cache.size).toBe(0);
});

test('a promise is shared while pending and when resolved, and removed when rejected', async () => {
  const cache = new BoundedCache<string, Promise<number>>({ max: 9 });
  const calls: string[] = [];
  const make = (name: string, outcome: () => number) => async () => {
    calls.push(name);
    return outcome();
  };
  const broken = make('broken', () => {
    throw new Error('broken');
  });
  const both = [cachedPromise(cache, 'x', broken), cachedPromise(cache, 'x', broken)];
  expect((await Promise.allSettled(both)).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  expect(
    await cachedPromise(
      cache,
      'x',
      make('sound', () => 7),
    ),
  ).toBe(7);
  expect(await cachedPromise(cache, 'x', broken)).toBe(7);
  expect(calls).toEqual(['broken', 'sound']);
});
