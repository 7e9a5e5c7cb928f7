/** The small variant of `npm run drill`. */

import { expect, test, vi } from 'vitest';
import { drill } from '../drill/drill.ts';

// A limit for hangs: functions start some twenty times.
vi.setConfig({ testTimeout: 600_000 });

test('a faulty release is rolled back, keys are rotated, a lost table is restored: no write is lost, no event missed', async () => {
  const {
    writes,
    failures,
    resumedWatches: _,
    backupBytes,
    compared,
    restored,
    ...report
  } = await drill({
    objects: 30,
    byRequests: 20,
    writers: 2,
    watchers: 1,
    say: () => undefined,
  });
  expect(report).toEqual({
    faulty: 'went back',
    mended: 'took over',
    lostWrites: 0,
    missedEvents: 0,
    relisted: [0, 1],
    wrongInWatchers: [],
    oldTokenIsGood: true,
    newTokenHasNewKey: true,
    oldTokenIsGoodAfterRestore: true,
    differences: [],
    revisionsGoForward: true,
  });
  // The drill was meaningful.
  expect(writes).toBeGreaterThan(30);
  expect(failures).toBeGreaterThan(0);
  expect(backupBytes).toBeGreaterThan(1000);
  expect(compared).toBeGreaterThan(30);
  expect(restored).toMatch(/^(\d+) objects in the backup: \1 written, 0 unchanged, 0 others deleted$/);
});
