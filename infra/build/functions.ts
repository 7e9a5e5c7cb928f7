/**
 * `npm run build`: bundles the Lambda functions and the template that deploys them into dist/deploy, and prints their
 * sizes. With `--outdir FOLDER`, as `sam build` calls it: the functions alone, into that folder.
 */

import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { buildDeployment } from './build-deployment.ts';
import { BUDGETS_KB, buildFunctions } from './build-functions.ts';
import { root } from './bundle-options.ts';

const { outdir } = parseArgs({ options: { outdir: { type: 'string' } } }).values;
const { start, total } =
  outdir === undefined
    ? await buildDeployment(join(root, 'dist/deploy'))
    : await buildFunctions(resolve(outdir));
for (const [name, weight] of Object.entries(start)) {
  console.log(`${name}: ${weight} KB at start of ${total} KB, budget ${BUDGETS_KB[name]} KB`);
}
