import { setImmediate } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { WeakValues } from '../../../shared/util/weak-values.ts';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

test('a value is shared as long as it is referenced, and no longer', async () => {
  const values = new WeakValues<{ readonly made: number }>();
  let made = 0;
  const get = (key: string) => values.get(key, () => ({ made: ++made }));
  const held = get('held');
  expect(get('held')).toBe(held);
  get('other');
  expect([made, values.size]).toEqual([2, 2]);
  await expect
    .poll(async () => {
      collectGarbage();
      await setImmediate();
      return values.size;
    })
    .toBe(1);
  expect(get('held')).toBe(held);
  expect(get('other').made).toBe(3);
});
