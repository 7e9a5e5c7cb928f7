/** `zeroplane deploy-template`: the template with built functions, for a checkout's build or an installed package. */

import { cpSync, existsSync } from 'node:fs';
import { join, resolve } from 'node:path';

/** Relative to a bundle of the command line. */
const BUILT = resolve(import.meta.dirname, '../../dist/deploy');

export interface DeployTemplateOptions {
  /** Copies template and functions to this folder, instead of using the built ones. */
  readonly output?: string | undefined;
  /** Folder of files that flags refer to as `config/NAME`. */
  readonly config?: string | undefined;
}

/** The template's path. Throws Error if nothing is built. */
export function deployTemplate({ output, config }: DeployTemplateOptions): string {
  if (!existsSync(BUILT)) throw new Error('no functions are built in this checkout: npm run build');
  if (config !== undefined && output === undefined) {
    throw new Error('--config changes a copy of the functions: name its folder with --output');
  }
  const folder = output === undefined ? BUILT : resolve(output);
  if (output !== undefined) cpSync(BUILT, folder, { recursive: true });
  if (config !== undefined) cpSync(config, join(folder, 'functions/config'), { recursive: true });
  return join(folder, 'template.yaml');
}
