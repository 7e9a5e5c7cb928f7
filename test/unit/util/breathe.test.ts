import { expect, test } from 'vitest';
import { breathe } from '../../../shared/util/breathe.ts';
import { Holder, Turn, takeTurn } from '../../../shared/util/turns.ts';

/** Holds the event loop. */
function work(ms: number): void {
  for (const end = performance.now() + ms; performance.now() < end; );
}

test('long work yields between its pieces, short work does not', async () => {
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

test('of many waiting callers, one resumes in each turn of the loop that it fills', async () => {
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

test('a caller that held the loop for little time precedes those that hold it for long', async () => {
  const order: string[] = [];
  const heavy = async (name: string): Promise<void> => {
    takeTurn(new Turn(new Holder()));
    for (let i = 0; i < 4; i++) {
      work(25);
      await breathe();
      order.push(name);
    }
  };
  const light = async (): Promise<void> => {
    takeTurn(new Turn(new Holder()));
    await breathe();
    order.push('light');
  };
  await breathe();
  const all = [heavy('a'), heavy('b'), heavy('c')];
  await new Promise<void>((done) => setImmediate(done));
  const before = order.length;
  await Promise.all([...all, light()]);
  // Every few turns, the one that has waited longest resumes.
  expect(order.indexOf('light') - before).toBeLessThanOrEqual(1);
});

test('work gives way to work that has taken less time, before it has held the loop for long', async () => {
  const order: string[] = [];
  const task = async (name: string): Promise<void> => {
    takeTurn(new Turn(new Holder()));
    await breathe();
    for (let i = 0; i < 2; i++) {
      order.push(name);
      work(6);
      await breathe();
    }
  };
  // The loop is held, so that all wait.
  await breathe();
  work(25);
  await Promise.all(['a', 'b', 'c'].map(task));
  expect(order.slice(0, 3)).toEqual(['a', 'b', 'c']);
});
