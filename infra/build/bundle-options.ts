/** How Zeroplane's TypeScript becomes JavaScript: one set of options for the functions, the local server and scripts. */

import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import type { BuildOptions, Plugin } from 'esbuild';
import { pagePlugin } from './page-plugin.ts';

/** The checkout's folder, for this file as a source and in any bundle below it. */
export const root = ((folder: string): string => {
  let found = folder;
  while (!existsSync(join(found, 'package.json'))) found = dirname(found);
  return found;
})(import.meta.dirname);

/** `import text from './table.json?raw'`: the file's text, so that tables are parsed only when asked for. */
const raw: Plugin = {
  name: 'raw',
  setup(build) {
    build.onResolve({ filter: /\?raw$/ }, (args) => ({
      path: resolve(args.resolveDir, args.path.slice(0, -'?raw'.length)),
      namespace: 'raw',
    }));
    build.onLoad({ filter: /.*/, namespace: 'raw' }, async (args) => {
      const text = await readFile(args.path, 'utf8');
      // Tables are written a line per type; the bundle needs no white space.
      return {
        contents: args.path.endsWith('.json') ? JSON.stringify(JSON.parse(text)) : text,
        loader: 'text',
      };
    });
  },
};

// Some dependencies are CommonJS and call `require` at run time.
const REQUIRE = `import { createRequire as __createRequire } from 'node:module';
const require = __createRequire(import.meta.url);`;

/**
 * Options common to all bundles. ESM with code splitting, so that what is imported lazily loads lazily. Source maps
 * leave the sources out: shared/util/source-positions.ts needs the positions alone.
 */
export const common = {
  absWorkingDir: root,
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node20',
  outExtension: { '.js': '.mjs' },
  banner: { js: REQUIRE },
  plugins: [raw, pagePlugin],
  mainFields: ['module', 'main'],
  legalComments: 'none',
  logLevel: 'warning',
  sourcemap: 'linked',
  sourcesContent: false,
} satisfies BuildOptions;
