/**
 * `npm run test:s3`: requires a server that is not an npm package, and therefore runs in `.ci/run` instead of
 * `npm test`.
 */

import { defineConfig } from 'vitest/config';
import { textFilesOfSources } from '../../infra/build/text-files.ts';

export default defineConfig({
  plugins: [textFilesOfSources],
  test: {
    globalSetup: 'test/temporary-folder.ts',
    include: ['test/s3/**/*.test.ts'],
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
