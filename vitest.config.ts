import { defineConfig } from 'vitest/config';

const UNIT = 'test/unit/**/*.test.ts';

const common = { testTimeout: 30_000, hookTimeout: 30_000 };

export default defineConfig({
  test: {
    // On two processors: a third of the time, tests wait for clocks and for processes of their own.
    maxWorkers: 3,
    projects: [
      // Modules keep no state that a test could leave behind, and loading them takes longer than most tests.
      { test: { ...common, name: 'unit', include: [UNIT], isolate: false } },
      { test: { ...common, name: 'whole', include: ['test/**/*.test.ts'], exclude: [UNIT] } },
    ],
  },
});
