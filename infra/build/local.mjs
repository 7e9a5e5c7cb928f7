// Bundles the local server and its command line.
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { common, root } from './esbuild.mjs';
import { writeOpenAPIDescriptions } from './generate-openapi-descriptions.mjs';

/** Everything but packages with binaries goes into the bundle: one file to read at start, the rest when needed. */
export async function buildLocal(outdir) {
  rmSync(outdir, { recursive: true, force: true });
  await build({
    ...common,
    entryPoints: { main: join(root, 'infra/local/main.ts') },
    outdir,
    splitting: true,
    sourcemap: 'linked',
    external: ['esbuild', '@dynoxide/*'],
  });
  writeOpenAPIDescriptions(outdir);
}
