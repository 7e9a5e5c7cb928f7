/** What watches that hear hints take of DynamoDB, which `zeroplane cost` counts with. */

import { expect, test } from 'vitest';
import { IDLE_MINUTE } from '../../infra/cli/cost.ts';
import { HINTS } from '../../shared/storage/dynamodb/hint-board.ts';
import { Simulation } from './simulation.ts';
import { CONFIG } from './things.ts';

const MINUTE = 60_000;
/** Of an eventually consistent read of little. */
const UNITS = 0.5;
const MINUTES = 5;

/** Read units of an idle minute of so many watches, each of a resource of its own. */
async function idleMinute(watches: number, hinted: boolean): Promise<{ logs: number; hints: number }> {
  const simulation = new Simulation({ seed: 1 });
  const { factory } = simulation.newNode({ hinted, hurried: true });
  for (let n = 0; n < watches; n++) {
    const storage = factory.storageFor({ ...CONFIG, resourcePrefix: `/registry/things-${n}` });
    const watch = await simulation.finish(
      storage.watch({ prefix: '', resourceVersion: '', allowBookmarks: true }),
    );
    void (async () => {
      for await (const _ of watch);
    })();
  }
  // They look more often at first.
  await simulation.pass(MINUTE);
  const units = { logs: 0, hints: 0 };
  const { decide } = simulation;
  simulation.decide = (call) => {
    units[call.pk === HINTS ? 'hints' : 'logs'] += UNITS / MINUTES;
    return decide(call);
  };
  await simulation.pass(MINUTES * MINUTE);
  return units;
}

test.each([1, 15])('%i idle watches take what is counted with', async (watches) => {
  const { polledWatch, hintedWatch, hints } = IDLE_MINUTE;
  const hinted = await idleMinute(watches, true);
  expect(hinted.logs / watches).toBeCloseTo(hintedWatch, 1);
  expect(Math.round(hinted.hints)).toBe(hints);
  const polled = await idleMinute(watches, false);
  expect(Math.round(polled.logs / watches)).toBe(polledWatch);
  expect(polled.hints).toBe(0);
});
