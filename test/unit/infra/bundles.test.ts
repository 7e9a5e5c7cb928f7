import { execFileSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { expect, test } from 'vitest';
import { common, root } from '../../../infra/build/bundle-options.ts';

/** Imported for their side effects. */
const NAMELESS = ['reflect-metadata'];

const ENTRIES = [
  'functions/controllers/handler.ts',
  'functions/aggregator/handler.ts',
  'infra/local/main.ts',
];

test('lazy imports have named exports in a bundle: no CommonJS', async () => {
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

/** Comments and types, so that positions in the bundle differ from those in the source. */
const FAILING = `
import { showSourcePositions } from './shared/util/source-positions.ts';

interface Nothing { readonly of: string }

/** Fails. */
function fail(what: Nothing): never {
  throw new TypeError(what.of);
}

class Caller {
  readonly #by: (what: Nothing) => void;
  constructor(by: (what: Nothing) => void) {
    this.#by = by;
  }
  call(what: Nothing): void {
    this.#call(what);
  }
  #call(what: Nothing): void {
    this.#by(what);
  }
}
const arrow = async (what: Nothing): Promise<void> => fail(what);

showSourcePositions();
try {
  await arrow({ of: 'x' });
} catch (error) {
  console.log((error as Error).stack);
}
try {
  new Caller(fail).call({ of: 'y' });
} catch (error) {
  console.log((error as Error).stack);
}`;

test('a stack shows source positions, for minified code and chunks', async () => {
  const outdir = mkdtempSync(join(tmpdir(), 'zeroplane-stack-'));
  const program = { contents: FAILING, loader: 'ts', resolveDir: root, sourcefile: 'failing.ts' } as const;
  await build({ ...common, stdin: program, outdir, minify: true, splitting: true });
  const printed = execFileSync(process.execPath, [join(outdir, 'stdin.mjs')], { encoding: 'utf8' });
  const lines = printed.split('\n').map((line) => line.replace(/(?:[^\s(]*\/)?failing\.ts/, 'failing.ts'));
  const second = lines.indexOf('TypeError: y');
  expect([...lines.slice(0, 4), ...lines.slice(second, second + 4)]).toEqual([
    'TypeError: x',
    '    at fail (failing.ts:8:9)',
    '    at arrow (failing.ts:23:55)',
    '    at failing.ts:27:9',
    'TypeError: y',
    '    at fail (failing.ts:8:9)',
    '    at #call (failing.ts:20:10)',
    // The name of the class is lost.
    expect.stringMatching(/^ {4}at \w+\.call \(failing\.ts:17:10\)$/),
  ]);
});
