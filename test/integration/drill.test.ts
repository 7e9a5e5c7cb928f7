/** The small variant of `npm run drill`. */

import { expect, test, vi } from 'vitest';
import { drill } from '../drill/drill.ts';

vi.setConfig({ testTimeout: 120_000 });

test('a release that fails goes back, keys are rotated, a lost table is restored: nothing is lost, nothing missed', async () => {
  const {
    writes,
    failures,
    resumedWatches: _,
    restored,
    ...report
  } = await drill({
    objects: 60,
    writers: 4,
    watchers: 2,
    say: () => undefined,
  });
  expect(report).toEqual({
    faulty: 'went back',
    mended: 'took over',
    lostWrites: 0,
    missedEvents: 0,
    oldTokenIsGood: true,
    newTokenHasNewKey: true,
    oldTokenIsGoodAfterRestore: true,
    differences: [],
    revisionsGoForward: true,
  });
  // It was tried at all.
  expect(writes).toBeGreaterThan(60);
  expect(failures).toBeGreaterThan(0);
  expect(restored).toBeGreaterThan(60);
});
