import { defineConfig } from 'vitest/config';
import { textFilesOfSources } from './infra/build/text-files.ts';

const UNIT = 'test/unit/**/*.test.ts';
/** With a server of its own, and a configuration. */
const S3 = 'test/s3/**';

const plugins = [textFilesOfSources];
const common = {
  // Bounds of what hangs, not of what is slow: the machine may be busy.
  testTimeout: 120_000,
  hookTimeout: 120_000,
  // Modules keep no state that a test could leave behind, and loading them takes longer than most tests.
  isolate: false,
};

export default defineConfig({
  test: {
    // More than a small machine has processors: files wait for processes of their own, emulators and kubectl.
    maxWorkers: 3,
    projects: [
      { plugins, test: { ...common, name: 'unit', include: [UNIT] } },
      { plugins, test: { ...common, name: 'whole', include: ['test/**/*.test.ts'], exclude: [UNIT, S3] } },
    ],
  },
});
