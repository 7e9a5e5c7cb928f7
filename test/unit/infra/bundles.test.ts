import { join } from 'node:path';
import { build } from 'esbuild';
import { expect, test } from 'vitest';
import { common, root } from '../../../infra/build/esbuild.mjs';

/** Imported for what they do, not for what they export. */
const NAMELESS = ['reflect-metadata'];

const ENTRIES = [
  'functions/controllers/handler.ts',
  'functions/aggregator/handler.ts',
  'infra/local/main.ts',
];

test('what is imported lazily has names in a bundle: no CommonJS', async () => {
  const { metafile } = await build({
    ...common,
    entryPoints: ENTRIES.map((entry) => join(root, entry)),
    outdir: join(root, 'dist/unwritten'),
    write: false,
    metafile: true,
    splitting: true,
    external: ['esbuild', '@dynoxide/*'],
  });
  const lazy = Object.entries(metafile.inputs)
    .filter(([file]) => !file.includes('node_modules/'))
    .flatMap(([file, { imports }]) =>
      imports
        .filter(({ kind, external }) => kind === 'dynamic-import' && !external)
        .map(({ path, original }) => ({ file, path, name: original ?? path })),
    );
  expect(lazy.length).toBeGreaterThan(10);
  const nameless = lazy.filter(
    ({ path, name }) => metafile.inputs[path]!.format !== 'esm' && !NAMELESS.includes(name),
  );
  expect(nameless).toEqual([]);
});
