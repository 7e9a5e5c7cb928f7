/** esbuild options for Zeroplane's TypeScript, shared by the functions, the local server and scripts. */

import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { BuildOptions } from 'esbuild';
import { pagePlugin } from './page-plugin.ts';
import { TEXT_FOLDER, textFiles } from './text-files.ts';

/** The checkout's folder, for this file as a source and in any bundle below it. */
export const root = ((folder: string): string => {
  let found = folder;
  while (!existsSync(join(found, 'package.json'))) found = dirname(found);
  return found;
})(import.meta.dirname);

// Some dependencies are CommonJS and call `require` at run time.
export const REQUIRE = `import { createRequire as __createRequire } from 'node:module';
const require = __createRequire(import.meta.url);`;

/**
 * Options common to all bundles. ESM with code splitting, so that dynamic imports stay lazy. Source maps omit the
 * sources: shared/util/source-positions.ts only needs positions.
 */
export const common = {
  absWorkingDir: root,
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node20',
  outExtension: { '.js': '.mjs' },
  banner: { js: REQUIRE },
  plugins: [textFiles, pagePlugin],
  assetNames: `${TEXT_FOLDER}/[name]-[hash]`,
  mainFields: ['module', 'main'],
  legalComments: 'none',
  logLevel: 'warning',
  sourcemap: 'linked',
  sourcesContent: false,
} satisfies BuildOptions;
