import { expect, test } from 'vitest';
import { runSeed } from './run-seed.ts';

/** `npm run simulate -- --seeds N --from SEED` runs more, or a single one of these. */
const SEEDS = 120;

test(`${SEEDS} seeds`, { timeout: 300_000 }, async () => {
  const failed: Record<number, string[]> = {};
  for (let seed = 1; seed <= SEEDS; seed++) {
    const violations = await runSeed({ seed });
    if (violations.length > 0) failed[seed] = violations;
  }
  expect(failed).toEqual({});
});

// 600: a process wrote under a revision twice, without knowing of the first write.
test.each([600])('seed %i, which once failed', async (seed) => {
  expect(await runSeed({ seed })).toEqual([]);
});

test('a seed is the same run each time', async () => {
  const [once, again] = [await runSeed({ seed: 7, trace: true }), await runSeed({ seed: 7, trace: true })];
  expect(again).toEqual(once);
  expect(once.length).toBeGreaterThan(10);
});
