/** Bundles the local server and the command line. */

import { mkdirSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build, type OutputFile } from 'esbuild';
import { common, root } from './bundle-options.ts';
import { writeOpenAPIDescriptions } from './openapi-descriptions.ts';
import { TEXT_FOLDER } from './text-files.ts';

const DAY_MS = 24 * 3600_000;

/** The command line, and its worker threads: bundles in the same folder. */
export const LOCAL_PROGRAMS: Readonly<Record<string, string>> = {
  main: join(root, 'infra/local/main.ts'),
  'yaml-worker': join(root, 'infra/local/http/yaml-worker.ts'),
};

/**
 * Bundles everything but packages with binaries: one file to load at start, the rest on demand. Other servers may be
 * running from the folder, or building into it: chunks are named by content and so are never overwritten, and the entry
 * is replaced last, atomically.
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

/** Removes files that no build of the last day has written. */
function removeOld(outdir: string): void {
  for (const name of readdirSync(outdir)) {
    const path = join(outdir, name);
    const written = statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? Date.now();
    if (written < Date.now() - DAY_MS) rmSync(path, { recursive: true, force: true });
  }
}
