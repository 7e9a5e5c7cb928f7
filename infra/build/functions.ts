/**
 * `npm run build -- [FUNCTION...] [--outdir FOLDER]`: bundles the Lambda functions. Without `--outdir` each goes to
 * dist/functions/NAME; what they weigh is printed.
 */

import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { BUDGETS_KB, buildFunction, FUNCTIONS } from './build-function.ts';
import { root } from './bundle-options.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { outdir: { type: 'string' } },
});
for (const name of positionals.length > 0 ? positionals : FUNCTIONS) {
  const outdir = values.outdir ? resolve(values.outdir) : join(root, 'dist/functions', name);
  const { start, total } = await buildFunction(name, outdir);
  console.log(`${name}: ${start} KB at start of ${total} KB, budget ${BUDGETS_KB[name]} KB`);
}
