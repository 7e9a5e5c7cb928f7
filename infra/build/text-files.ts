/** `import readText from './table.json?text'`: a file beside the program, read when it is first asked for. */

import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Plugin as BuildPlugin } from 'esbuild';

const SUFFIX = '?text';

/** Of a bundle's folder: where the files are. */
export const TEXT_FOLDER = 'text';

/** Tables are written a line per type; a deployment needs no white space. */
function compact(path: string, text: string): string {
  return path.endsWith('.json') ? JSON.stringify(JSON.parse(text)) : text;
}

/** A module whose export reads a file; `place` is an expression for what readFileSync takes. */
const reader = (place: string): string =>
  `import { readFileSync } from 'node:fs';\nexport default () => readFileSync(${place}, 'utf8');\n`;

/** For bundles: the files go into `TEXT_FOLDER`, called after their contents. */
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
