import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';
import { textFilesOfSources } from './infra/build/text-files.ts';

/** The whole first, whose files wait for processes; then the units, all short, so that none is left alone at the end. */
class UnitsLast extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const isUnit = ({ moduleId }: TestSpecification) => moduleId.includes('/test/unit/');
    return [...sorted.filter((file) => !isUnit(file)), ...sorted.filter(isUnit)];
  }
}

/** Tests that count steps of the code, which must be compiled with counters, and run alone in its process. */
const COUNTING = ['test/unit/growth.test.ts', 'test/unit/registry/long-lists.test.ts'];

export default defineConfig({
  plugins: [textFilesOfSources],
  test: {
    projects: [
      {
        extends: true,
        test: {
          name: 'tests',
          include: ['test/**/*.test.ts'],
          // Those of S3 have a server of their own, and a configuration.
          exclude: ['test/s3/**', ...COUNTING],
          // Modules keep no state that a test could leave behind, and loading them takes longer than most tests.
          isolate: false,
        },
      },
      { extends: true, test: { name: 'counting', include: COUNTING, isolate: true } },
    ],
    globalSetup: 'test/temporary-folder.ts',
    // Bounds of what hangs, not of what is slow: the machine may be busy.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    // More than a small machine has processors: files wait for processes of their own, emulators and kubectl.
    maxWorkers: 3,
    sequence: { sequencer: UnitsLast },
  },
});
