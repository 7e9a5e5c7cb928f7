import { expect, test } from 'vitest';
import { FairQueue } from '../../../shared/fleet/fair-queue.ts';

const settled = () => new Promise((resolve) => setTimeout(resolve, 0));
const patient = 60_000;

test('waiting requests take turns by tenant, not by arrival', async () => {
  const turns = new FairQueue({ maxRunning: 2, maxRunningPerTenant: 2, countedMs: patient });
  const begun: string[] = [];
  const ends: (() => void)[] = [];
  const ask = (tenant: string, name: string) =>
    turns.take(tenant).then((end) => {
      begun.push(name);
      ends.push(end);
    });
  for (const name of ['a1', 'a2', 'a3', 'a4', 'a5']) void ask('a', name);
  void ask('b', 'b1');
  void ask('b', 'b2');
  void ask('c', 'c1');
  await settled();
  expect(begun).toEqual(['a1', 'a2']);
  while (ends.length > 0) {
    ends.shift()!();
    await settled();
  }
  expect(begun).toEqual(['a1', 'a2', 'a3', 'b1', 'c1', 'a4', 'b2', 'a5']);
});

test('one tenant leaves capacity to others, whatever its load', async () => {
  const turns = new FairQueue({ maxRunning: 3, maxRunningPerTenant: 2, countedMs: patient });
  let ofFlood = 0;
  for (let i = 0; i < 100; i++) void turns.take('flood').then(() => ofFlood++);
  await turns.take('calm');
  expect(ofFlood).toBe(2);
});

test('long requests stop counting, and end once', async () => {
  const turns = new FairQueue({ maxRunning: 1, maxRunningPerTenant: 1, countedMs: 5 });
  const end = await turns.take('hanging');
  const second = await turns.take('other');
  // Ending it again releases nothing.
  end();
  let isThird = false;
  const third = turns.take('other').then(() => {
    isThird = true;
  });
  await settled();
  expect(isThird).toBe(false);
  second();
  await third;
});
