/** Bundles the Lambda functions and the host of many requests, each within its size budget. */

import { cpSync, existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build, type Metafile } from 'esbuild';
import { writeBillOfMaterials } from './bill-of-materials.ts';
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
  host: 2300,
};

/** Sources, by the names of what is started. */
const PROGRAMS: Readonly<Record<string, string>> = {
  ...Object.fromEntries(
    readdirSync(join(root, 'functions'))
      .filter((name) => existsSync(join(root, 'functions', name, 'handler.ts')))
      .map((name) => [name, `functions/${name}/handler.ts`]),
  ),
  host: 'infra/host/main.ts',
};

/** What a Web Function's runtime starts, unless it is told otherwise. */
const WEB_FUNCTION_ENTRY = 'index.js';

/** What the programs weigh, in kilobytes of JavaScript. */
export interface FunctionWeights {
  /** By program: the entry and all that it imports statically. */
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
 * Builds all functions and the host into one folder, which is emptied first: they are one program with an entry each,
 * and share all but that. Throws when one is over budget.
 */
export async function buildFunctions(outdir: string): Promise<FunctionWeights> {
  rmSync(outdir, { recursive: true, force: true });
  const {
    metafile: { inputs, outputs },
  } = await build({
    ...common,
    entryPoints: {
      ...Object.fromEntries(Object.entries(PROGRAMS).map(([name, path]) => [name, join(root, path)])),
      // The host's, in a thread.
      'yaml-worker': join(root, 'infra/local/yaml-worker.ts'),
    },
    outdir,
    splitting: true,
    minify: true,
    keepNames: true,
    metafile: true,
    // What the functions never reach of their dependencies.
    external: ['@aws-sdk/client-sso', '@aws-sdk/client-sso-oidc'],
  });
  writeFileSync(join(outdir, WEB_FUNCTION_ENTRY), "import './host.mjs';\n");
  writeFileSync(join(outdir, 'package.json'), '{ "type": "module" }\n');
  writeOpenAPIDescriptions(outdir);
  writeBillOfMaterials(outdir, Object.keys(inputs));
  // Files that flags name: config/audit-policy.yaml.
  cpSync(join(root, 'infra/deploy/config'), join(outdir, 'config'), { recursive: true });
  const scripts = Object.entries(outputs).filter(([path]) => path.endsWith('.mjs'));
  const start = Object.fromEntries(
    Object.entries(PROGRAMS).map(([name, path]): [string, number] => {
      const [entry] = scripts.find(([, { entryPoint }]) => entryPoint === path)!;
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
