/** Bundles a Lambda function, within its size budget. */

import { cpSync, existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { build, type Metafile } from 'esbuild';
import { common, root } from './bundle-options.ts';
import { writeOpenAPIDescriptions } from './openapi-descriptions.ts';

/** Kilobytes that a function may load at start: its entry and what that imports statically. */
export const BUDGETS_KB: Readonly<Record<string, number>> = {
  aggregator: 2150,
  'kube-apiserver': 2150,
  apiextensions: 2150,
  controllers: 2150,
};

export const FUNCTIONS: readonly string[] = readdirSync(join(root, 'functions')).filter((name) =>
  existsSync(join(root, 'functions', name, 'handler.ts')),
);

/** What a function weighs, in kilobytes of JavaScript. */
export interface FunctionWeight {
  /** The entry and all that it imports statically. */
  readonly start: number;
  readonly total: number;
}

/** The function that the gateway sends `/openapi/` to; it reads the descriptions when they are first asked for. */
const SERVES_OPENAPI = 'aggregator';

/** Bytes of an output and of all that it imports statically. */
function startBytes(outputs: Metafile['outputs'], path: string, seen = new Set<string>()): number {
  if (seen.has(path)) return 0;
  seen.add(path);
  const { bytes, imports } = outputs[path]!;
  const statics = imports.filter(({ kind, external }) => kind === 'import-statement' && !external);
  return statics.reduce((sum, next) => sum + startBytes(outputs, next.path, seen), bytes);
}

/** Builds one function into a folder, which is emptied first. Throws when it is over budget. */
export async function buildFunction(name: string, outdir: string): Promise<FunctionWeight> {
  rmSync(outdir, { recursive: true, force: true });
  const {
    metafile: { outputs },
  } = await build({
    ...common,
    entryPoints: { [name]: join(root, 'functions', name, 'handler.ts') },
    outdir,
    splitting: true,
    minify: true,
    keepNames: true,
    metafile: true,
    // What the functions never reach of their dependencies.
    external: ['@aws-sdk/client-sso', '@aws-sdk/client-sso-oidc'],
  });
  if (name === SERVES_OPENAPI) writeOpenAPIDescriptions(outdir);
  // Files that flags name: config/audit-policy.yaml.
  cpSync(join(root, 'infra/deploy/config'), join(outdir, 'config'), { recursive: true });
  const scripts = Object.entries(outputs).filter(([path]) => path.endsWith('.mjs'));
  const [entry] = scripts.find(([, { entryPoint }]) => entryPoint === `functions/${name}/handler.ts`)!;
  const total = scripts.reduce((sum, [, { bytes }]) => sum + bytes, 0);
  const weight = {
    start: Math.round(startBytes(outputs, entry) / 1000),
    total: Math.round(total / 1000),
  };
  const budget = BUDGETS_KB[name]!;
  if (weight.start > budget) {
    throw new Error(`${name} loads ${weight.start} KB at start, over its budget of ${budget} KB`);
  }
  return weight;
}
