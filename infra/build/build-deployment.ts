/**
 * Builds everything needed to deploy without a build step: the functions' bundles, templates that refer to them, a
 * Dockerfile.
 */

import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildFunctions, type FunctionWeights } from './build-functions.ts';
import { root } from './bundle-options.ts';

const SOURCE = 'CodeUri: ../..\n';
const BUILD_METHOD = '    Metadata:\n      BuildMethod: makefile\n';

/** One control plane, and a fleet. */
const TEMPLATES = ['template.yaml', 'fleet.yaml'];

/** A template of infra/deploy for prebuilt functions in the folder `functions` beside it. */
function deployableTemplate(name: string): string {
  const template = readFileSync(join(root, 'infra/deploy', name), 'utf8');
  if (template.split(SOURCE).length !== template.split(BUILD_METHOD).length) {
    throw new Error(`infra/deploy/${name}: every function with a CodeUri must be built by make`);
  }
  return template.replaceAll(SOURCE, 'CodeUri: functions\n').replaceAll(BUILD_METHOD, '');
}

/** Writes the templates, the Dockerfile of the host and `functions/` into a folder. */
export async function buildDeployment(outdir: string): Promise<FunctionWeights> {
  const weights = await buildFunctions(join(outdir, 'functions'));
  for (const name of TEMPLATES) writeFileSync(join(outdir, name), deployableTemplate(name));
  copyFileSync(join(root, 'infra/deploy/Dockerfile'), join(outdir, 'Dockerfile'));
  return weights;
}
