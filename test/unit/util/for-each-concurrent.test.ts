import { setImmediate } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { forEachConcurrent } from '../../../shared/util/for-each-concurrent.ts';

test.each([1, 3, 50])('each item is processed once, at most %i concurrently', async (limit) => {
  const items = Array.from({ length: 20 }, (_, i) => i);
  const done: number[] = [];
  let running = 0;
  let most = 0;
  await forEachConcurrent(items, limit, async (item) => {
    most = Math.max(most, ++running);
    await setImmediate();
    running--;
    done.push(item);
  });
  expect(done).toEqual(items);
  expect(most).toBe(Math.min(limit, items.length));
});

test('after a failure no more are started, and the failure is thrown', async () => {
  const begun: number[] = [];
  const work = async (item: number) => {
    begun.push(item);
    await setImmediate();
    if (item === 2) throw new Error('two');
  };
  await expect(forEachConcurrent([1, 2, 3, 4, 5, 6], 2, work)).rejects.toThrow('two');
  await setImmediate();
  // The third was started when the first ended, before the second failed.
  expect(begun).toEqual([1, 2, 3]);
});
