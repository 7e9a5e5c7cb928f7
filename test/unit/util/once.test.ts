import { expect, test } from 'vitest';
import { once } from '../../../shared/util/once.ts';

test('concurrent callers share one result, and a failure is only for those that waited', async () => {
  const asked: string[] = [];
  const ask = once(async (who: string) => {
    asked.push(who);
    if (asked.length === 1) throw new Error(`not for ${who}`);
    return who;
  });
  const answers = await Promise.allSettled([ask('a'), ask('b')]);
  expect(answers.map((answer) => answer.status === 'rejected' && String(answer.reason))).toEqual([
    'Error: not for a',
    'Error: not for a',
  ]);
  expect(await Promise.all([ask('c'), ask('d')])).toEqual(['c', 'c']);
  expect([await ask('e'), asked]).toEqual(['c', ['a', 'c']]);
});
