/** `npm run test:s3`: needs a server that is no npm package, and so is not of `npm test`, but of `.ci/run`. */

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
