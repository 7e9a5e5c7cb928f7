import { readFile } from 'node:fs/promises';
import { type Plugin, transform } from 'esbuild';

const LIBRARY = /\/node_modules\/.*\.[cm]?js$/;
/** Clients of AWS say what they are in texts. */
const NAMED_BY_TEXT = /\/node_modules\/@(?:aws-sdk|smithy)\//;

/**
 * For builds that rename: libraries' functions and classes are called by the names that they have in their sources.
 * Some go by that: ASN.1's types, errors of jose. Code of this repository must not, and is smaller without.
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
