import { readFile } from 'node:fs/promises';
import { type Plugin, transform } from 'esbuild';

const LIBRARY = /\/node_modules\/.*\.[cm]?js$/;
/** AWS clients contain their names as strings. */
const NAMED_BY_TEXT = /\/node_modules\/@(?:aws-sdk|smithy)\//;

/**
 * For minified builds: keeps the names of libraries' functions and classes. Some libraries rely on them: ASN.1 types,
 * errors of jose. Code of this repository must not, and is smaller without.
 */
export const libraryNames: Plugin = {
  name: 'library-names',
  setup(build) {
    build.onLoad({ filter: LIBRARY }, async ({ path }) => {
      if (NAMED_BY_TEXT.test(path)) return undefined;
      const { code } = await transform(await readFile(path, 'utf8'), { keepNames: true, target: 'node20' });
      return { contents: code, loader: 'js' };
    });
  },
};
