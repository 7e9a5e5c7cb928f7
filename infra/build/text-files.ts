/**
 * `import readText from './table.json?text'`: a function that reads the file on first use; the file is placed beside
 * the program.
 */

import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Plugin as BuildPlugin } from 'esbuild';

const SUFFIX = '?text';

/** Folder of the files, in a bundle's folder. */
export const TEXT_FOLDER = 'text';

/** Tables are formatted with a line per type; deployments omit white space. */
function compact(path: string, text: string): string {
  return path.endsWith('.json') ? JSON.stringify(JSON.parse(text)) : text;
}

/** Source of a module that exports a function to read a file; `place` is an expression for readFileSync's argument. */
const reader = (place: string): string =>
  `import { readFileSync } from 'node:fs';\nexport default () => readFileSync(${place}, 'utf8');\n`;

/** For bundles: files are copied to `TEXT_FOLDER` and named by content. */
export const textFiles: BuildPlugin = {
  name: 'text-files',
  setup(build) {
    build.onResolve({ filter: /\?text$/ }, ({ path, resolveDir }) => ({
      path: resolve(resolveDir, path.slice(0, -SUFFIX.length)),
      namespace: 'text-reader',
    }));
    build.onLoad({ filter: /.*/, namespace: 'text-reader' }, ({ path }) => ({
      contents: `import file from ${JSON.stringify(path)};\n${reader('new URL(file, import.meta.url)')}`,
      loader: 'js',
    }));
    build.onResolve({ filter: /.*/, namespace: 'text-reader' }, ({ path }) =>
      path.startsWith('node:') ? { path, external: true } : { path, namespace: 'text-file' },
    );
    build.onLoad({ filter: /.*/, namespace: 'text-file' }, async ({ path }) => ({
      contents: compact(path, await readFile(path, 'utf8')),
      loader: 'file',
    }));
  },
};

/** For tests, which run from the sources. */
export const textFilesOfSources = {
  name: 'text-files-of-sources',
  enforce: 'pre' as const,
  load(id: string): string | undefined {
    return id.endsWith(SUFFIX) ? reader(JSON.stringify(id.slice(0, -SUFFIX.length))) : undefined;
  },
};
