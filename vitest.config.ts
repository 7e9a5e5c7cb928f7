import { defineConfig } from 'vitest/config';
import { textFilesOfSources } from './infra/build/text-files.ts';

const UNIT = 'test/unit/**/*.test.ts';

const plugins = [textFilesOfSources];
const common = { testTimeout: 30_000, hookTimeout: 30_000 };

export default defineConfig({
  test: {
    // Two workers: the emulator and kubectl sessions bring processes of their own.
    maxWorkers: 2,
    projects: [
      // Modules keep no state that a test could leave behind, and loading them takes longer than most tests.
      { plugins, test: { ...common, name: 'unit', include: [UNIT], isolate: false } },
      { plugins, test: { ...common, name: 'whole', include: ['test/**/*.test.ts'], exclude: [UNIT] } },
    ],
  },
});
