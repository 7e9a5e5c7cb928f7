import { execFileSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { expect, test } from 'vitest';
import { common, root } from '../../../infra/build/bundle-options.ts';

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

/** Comments and types shift the positions of what is left of them. */
const FAILING = `
import { showSourcePositions } from './shared/util/source-positions.ts';

interface Nothing { readonly of: string }

/** Fails. */
function fail(what: Nothing): never {
  throw new TypeError(what.of);
}

showSourcePositions();
try {
  fail({ of: 'x' });
} catch (error) {
  console.log((error as Error).stack);
}`;

test('a stack names the lines of sources, minified and in chunks as well', async () => {
  const outdir = mkdtempSync(join(tmpdir(), 'zeroplane-stack-'));
  const program = { contents: FAILING, loader: 'ts', resolveDir: root, sourcefile: 'failing.ts' } as const;
  await build({ ...common, stdin: program, outdir, minify: true, keepNames: true, splitting: true });
  const printed = execFileSync(process.execPath, [join(outdir, 'stdin.mjs')], { encoding: 'utf8' });
  expect(printed.split('\n').slice(0, 3)).toEqual([
    'TypeError: x',
    expect.stringMatching(/^ {4}at fail \(.*failing\.ts:8:9\)$/),
    expect.stringMatching(/^ {4}at .*failing\.ts:13:3\)?$/),
  ]);
});
