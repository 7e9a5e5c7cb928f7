/** The type declarations of the npm package: those of its entries, and everything they refer to. */

import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { root } from './bundle-options.ts';

/** `from './a.ts'` and `import('./a.ts')` of this package's own modules. */
const REFERENCE = /(?:\bfrom |\bimport\()["'](\.[^"']+)\.ts["']/g;

/** Writes the declarations of the modules in `entries` (paths from the checkout, without `.ts`) below `outdir`. */
export function writePackageTypes(outdir: string, entries: readonly string[]): void {
  const all = mkdtempSync(join(tmpdir(), 'zeroplane-types-'));
  try {
    const compiler = join(root, 'node_modules/typescript/bin/tsc');
    execFileSync(process.execPath, [compiler, '-p', 'tsconfig.types.json', '--outDir', all], {
      cwd: root,
      stdio: 'inherit',
    });
    for (const file of reachable(entries.map((entry) => join(all, `${entry}.d.ts`)))) {
      cpSync(file, join(outdir, relative(all, file)));
    }
  } finally {
    rmSync(all, { recursive: true, force: true });
  }
}

/** The files, and everything they refer to. */
function reachable(files: readonly string[]): ReadonlySet<string> {
  const found = new Set(files);
  for (const file of found) {
    for (const [, path = ''] of readFileSync(file, 'utf8').matchAll(REFERENCE)) {
      found.add(join(dirname(file), `${path}.d.ts`));
    }
  }
  return found;
}
