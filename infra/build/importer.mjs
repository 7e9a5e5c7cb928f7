// Node 20 can't run TypeScript: this bundles a program and imports the bundle. The only part of the build in
// JavaScript.
import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';

const root = resolve(import.meta.dirname, '../..');
const outdir = join(root, 'dist/run');

/**
 * Several processes may bundle the same program at once, so each file is replaced atomically. Packages are not bundled:
 * a program may start workers, read a package's files, or be run often.
 */
async function bundle(entry, options) {
  const { metafile, outputFiles } = await build({
    absWorkingDir: root,
    bundle: true,
    format: 'esm',
    platform: 'node',
    outExtension: { '.js': '.mjs' },
    ...options,
    entryPoints: [entry],
    outdir,
    outbase: root,
    packages: 'external',
    sourcemap: 'inline',
    splitting: true,
    metafile: true,
    write: false,
  });
  for (const { path, contents } of outputFiles) {
    mkdirSync(dirname(path), { recursive: true });
    const unfinished = `${path}.${process.pid}`;
    writeFileSync(unfinished, contents);
    renameSync(unfinished, path);
  }
  const isEntry = ([, { entryPoint }]) => entryPoint === relative(root, entry);
  return join(root, Object.entries(metafile.outputs).find(isEntry)[0]);
}

/** The path of a TypeScript program's bundle, built with the build's own options. */
export async function bundleProgram(entry) {
  const options = await bundle(join(root, 'infra/build/bundle-options.ts'));
  const { common } = await import(pathToFileURL(options).href);
  return bundle(resolve(root, entry), common);
}

/** The exports of a TypeScript program. */
export async function importProgram(entry) {
  process.setSourceMapsEnabled(true);
  return import(pathToFileURL(await bundleProgram(entry)).href);
}
