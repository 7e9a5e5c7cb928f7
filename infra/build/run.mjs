// Bundles one TypeScript entry and runs it: `node infra/build/run.mjs test/bench/main.ts [arguments]`.
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { common, root } from './esbuild.mjs';

const [entry, ...argv] = process.argv.slice(2);
if (!entry) {
  console.error('usage: node infra/build/run.mjs ENTRY.ts [ARGUMENT...]');
  process.exit(2);
}
const outdir = resolve(root, 'dist/run');
// Packages stay outside: a script may start workers, read their files, or be run often.
const result = await build({
  ...common,
  entryPoints: [resolve(root, entry)],
  outdir,
  outbase: root,
  packages: 'external',
  splitting: true,
  sourcemap: 'inline',
  metafile: true,
});
const output = Object.entries(result.metafile.outputs).find(
  ([, { entryPoint }]) => entryPoint === entry.replace(/^\.\//, ''),
);
process.argv.splice(1, process.argv.length - 1, resolve(root, output[0]), ...argv);
await import(pathToFileURL(resolve(root, output[0])).href);
