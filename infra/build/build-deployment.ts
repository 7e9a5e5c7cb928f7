/** What `sam deploy` needs without a build of its own: the functions' bundles, and a template that names them. */

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildFunctions, type FunctionWeights } from './build-functions.ts';
import { root } from './bundle-options.ts';

const SOURCE = 'CodeUri: ../..\n';
const BUILD_METHOD = '    Metadata:\n      BuildMethod: makefile\n';

/** infra/deploy/template.yaml, for functions that are built already: into the folder `functions` beside it. */
function deployableTemplate(): string {
  const template = readFileSync(join(root, 'infra/deploy/template.yaml'), 'utf8');
  if (template.split(SOURCE).length !== template.split(BUILD_METHOD).length) {
    throw new Error('infra/deploy/template.yaml: every function with a CodeUri must be built by make');
  }
  return template.replaceAll(SOURCE, 'CodeUri: functions\n').replaceAll(BUILD_METHOD, '');
}

/** Writes `template.yaml` and `functions/` into a folder. */
export async function buildDeployment(outdir: string): Promise<FunctionWeights> {
  const weights = await buildFunctions(join(outdir, 'functions'));
  writeFileSync(join(outdir, 'template.yaml'), deployableTemplate());
  return weights;
}
