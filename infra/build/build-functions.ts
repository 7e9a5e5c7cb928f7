/** Bundles the Lambda functions, each within its size budget. */

import { cpSync, existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { build, type Metafile } from 'esbuild';
import { common, root } from './bundle-options.ts';
import { writeOpenAPIDescriptions } from './openapi-descriptions.ts';

/** Kilobytes that a function may load at start: its entry and what that imports statically. */
export const BUDGETS_KB: Readonly<Record<string, number>> = {
  aggregator: 2200,
  'kube-apiserver': 2200,
  apiextensions: 2200,
  controllers: 2200,
  fleet: 2250,
  'fleet-controllers': 2250,
};

const FUNCTIONS: readonly string[] = readdirSync(join(root, 'functions')).filter((name) =>
  existsSync(join(root, 'functions', name, 'handler.ts')),
);

/** What the functions weigh, in kilobytes of JavaScript. */
export interface FunctionWeights {
  /** By function: the entry and all that it imports statically. */
  readonly start: Readonly<Record<string, number>>;
  readonly total: number;
}

/** Bytes of an output and of all that it imports statically. */
function startBytes(outputs: Metafile['outputs'], path: string, seen = new Set<string>()): number {
  if (seen.has(path)) return 0;
  seen.add(path);
  const { bytes, imports } = outputs[path]!;
  const statics = imports.filter(({ kind, external }) => kind === 'import-statement' && !external);
  return statics.reduce((sum, next) => sum + startBytes(outputs, next.path, seen), bytes);
}

/**
 * Builds all functions into one folder, which is emptied first: they are one program with an entry each, and share all
 * but that. Throws when one is over budget.
 */
export async function buildFunctions(outdir: string): Promise<FunctionWeights> {
  rmSync(outdir, { recursive: true, force: true });
  const {
    metafile: { outputs },
  } = await build({
    ...common,
    entryPoints: Object.fromEntries(
      FUNCTIONS.map((name) => [name, join(root, 'functions', name, 'handler.ts')]),
    ),
    outdir,
    splitting: true,
    minify: true,
    keepNames: true,
    metafile: true,
    // What the functions never reach of their dependencies.
    external: ['@aws-sdk/client-sso', '@aws-sdk/client-sso-oidc'],
  });
  writeOpenAPIDescriptions(outdir);
  // Files that flags name: config/audit-policy.yaml.
  cpSync(join(root, 'infra/deploy/config'), join(outdir, 'config'), { recursive: true });
  const scripts = Object.entries(outputs).filter(([path]) => path.endsWith('.mjs'));
  const start = Object.fromEntries(
    FUNCTIONS.map((name): [string, number] => {
      const [entry] = scripts.find(([, { entryPoint }]) => entryPoint === `functions/${name}/handler.ts`)!;
      return [name, Math.round(startBytes(outputs, entry) / 1000)];
    }),
  );
  for (const [name, weight] of Object.entries(start)) {
    const budget = BUDGETS_KB[name]!;
    if (weight > budget)
      throw new Error(`${name} loads ${weight} KB at start, over its budget of ${budget} KB`);
  }
  return { start, total: Math.round(scripts.reduce((sum, [, { bytes }]) => sum + bytes, 0) / 1000) };
}
