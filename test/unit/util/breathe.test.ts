import { expect, test } from 'vitest';
import { breathe } from '../../../shared/util/breathe.ts';

/** Holds the event loop. */
function work(ms: number): void {
  for (const end = performance.now() + ms; performance.now() < end; );
}

test('long work lets others go first between its pieces, short work does not stop', async () => {
  const seen: string[] = [];
  setImmediate(() => seen.push('somebody else'));
  await breathe();
  seen.push('first');
  await breathe();
  seen.push('second');
  work(30);
  await breathe();
  seen.push('third');
  expect(seen).toEqual(['first', 'second', 'somebody else', 'third']);
});

test('of many who wait, one goes on in each turn of the loop that it fills', async () => {
  let turn = 0;
  const resumed: number[] = [];
  const count = (): void => {
    turn++;
    if (resumed.length < 15) setImmediate(count);
  };
  setImmediate(count);
  const task = async (): Promise<void> => {
    work(25);
    for (let i = 0; i < 3; i++) {
      await breathe();
      resumed.push(turn);
      work(25);
    }
  };
  await breathe();
  await Promise.all(Array.from({ length: 5 }, task));
  expect(resumed.length).toBe(15);
  expect(new Set(resumed).size).toBe(15);
});
