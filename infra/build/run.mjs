// Runs a TypeScript program: `node infra/build/run.mjs PROGRAM.ts ARGUMENTS...`. Bundles it into dist/, packages left out.

import { spawn } from 'node:child_process';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const [program, ...programArguments] = process.argv.slice(2);
if (program === undefined) {
  console.error('usage: node infra/build/run.mjs PROGRAM.ts ARGUMENTS...');
  process.exit(2);
}
const root = fileURLToPath(new URL('../..', import.meta.url));
const outfile = join(root, 'dist', 'run', `${basename(program, '.ts')}.mjs`);
await build({
  entryPoints: [program],
  outfile,
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node20',
  packages: 'external',
  sourcemap: 'inline',
  logLevel: 'warning',
});
const child = spawn(process.execPath, ['--enable-source-maps', outfile, ...programArguments], {
  stdio: 'inherit',
});
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal));
child.on('exit', (code, signal) => process.exit(code ?? (signal === null ? 1 : 128)));
