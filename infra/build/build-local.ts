/** Bundles the local server and its command line. */

import { mkdirSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build, type OutputFile } from 'esbuild';
import { common, root } from './bundle-options.ts';
import { writeOpenAPIDescriptions } from './openapi-descriptions.ts';
import { TEXT_FOLDER } from './text-files.ts';

const DAY_MS = 24 * 3600_000;

/** The command line, and what it runs in threads: bundles beside each other. */
export const LOCAL_PROGRAMS: Readonly<Record<string, string>> = {
  main: join(root, 'infra/local/main.ts'),
  'yaml-worker': join(root, 'infra/local/http/yaml-worker.ts'),
};

/**
 * Everything but packages with binaries goes into the bundle: one file to read at start, the rest when needed.
 * Other servers may run from the folder, or build into it: what they have yet to load stays, for chunks are called
 * after their contents, and the entry comes last, in one step.
 */
export async function buildLocal(outdir: string): Promise<void> {
  const { outputFiles } = await build({
    ...common,
    entryPoints: LOCAL_PROGRAMS,
    outdir,
    splitting: true,
    external: ['esbuild', '@dynoxide/*'],
    write: false,
  });
  mkdirSync(join(outdir, TEXT_FOLDER), { recursive: true });
  const isEntry = ({ path }: OutputFile) => path.endsWith('main.mjs');
  for (const file of outputFiles) if (!isEntry(file)) replace(file);
  writeOpenAPIDescriptions(outdir);
  for (const file of outputFiles.filter(isEntry)) replace(file);
  removeOld(outdir);
}

function replace({ path, contents }: OutputFile): void {
  const unfinished = `${path}.${process.pid}`;
  writeFileSync(unfinished, contents);
  renameSync(unfinished, path);
}

/** What no build of the last day has written. */
function removeOld(outdir: string): void {
  for (const name of readdirSync(outdir)) {
    const path = join(outdir, name);
    const written = statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? Date.now();
    if (written < Date.now() - DAY_MS) rmSync(path, { recursive: true, force: true });
  }
}
