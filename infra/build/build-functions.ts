/** Bundles the Lambda functions and the multi-request host, each within its size budget. */

import { cpSync, existsSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { writeBillOfMaterials } from './bill-of-materials.ts';
import { common, REQUIRE, root } from './bundle-options.ts';
import { joinStart } from './join-start.ts';
import { libraryNames } from './library-names.ts';
import { writeOpenAPIDescriptions } from './openapi-descriptions.ts';
import { TEXT_FOLDER } from './text-files.ts';

/** Kilobytes that a function may load at start: its entry and its static imports. */
export const BUDGETS_KB: Readonly<Record<string, number>> = {
  aggregator: 936,
  'kube-apiserver': 936,
  apiextensions: 936,
  controllers: 936,
  fleet: 980,
  'fleet-controllers': 990,
  host: 990,
};

/** Source paths by program name. */
const PROGRAMS: Readonly<Record<string, string>> = {
  ...Object.fromEntries(
    readdirSync(join(root, 'functions'))
      .filter((name) => existsSync(join(root, 'functions', name, 'handler.ts')))
      .map((name) => [name, `functions/${name}/handler.ts`]),
  ),
  host: 'infra/host/main.ts',
};

/** Default entry of a Web Function's runtime. */
const WEB_FUNCTION_ENTRY = 'index.js';

/** Sizes of the programs, in kilobytes of JavaScript. */
export interface FunctionWeights {
  /** By program: the entry and all its static imports. */
  readonly start: Readonly<Record<string, number>>;
  readonly total: number;
}

/**
 * Builds all functions and the host into one folder, which is emptied first: they are one program with an entry each,
 * and share everything else. Throws if one exceeds its budget.
 */
export async function buildFunctions(outdir: string): Promise<FunctionWeights> {
  rmSync(outdir, { recursive: true, force: true });
  const parts = join(outdir, 'parts');
  const { metafile } = await build({
    ...common,
    entryPoints: {
      ...Object.fromEntries(Object.entries(PROGRAMS).map(([name, path]) => [name, join(root, path)])),
      // Runs in a worker thread of the host.
      'yaml-worker': join(root, 'infra/local/http/yaml-worker.ts'),
    },
    outdir: parts,
    splitting: true,
    minify: true,
    plugins: [...common.plugins, libraryNames],
    metafile: true,
    // Dependencies that the functions never load.
    external: ['@aws-sdk/client-sso', '@aws-sdk/client-sso-oidc'],
  });
  const starts = await joinStart({
    ...{ folder: parts, outdir, metafile, programs: Object.values(PROGRAMS) },
    banner: { banner: REQUIRE, needed: /typeof require\b/ },
  });
  renameSync(join(parts, TEXT_FOLDER), join(outdir, TEXT_FOLDER));
  rmSync(parts, { recursive: true });
  writeFileSync(join(outdir, WEB_FUNCTION_ENTRY), "import './host.mjs';\n");
  writeFileSync(join(outdir, 'package.json'), '{ "type": "module" }\n');
  writeOpenAPIDescriptions(outdir);
  writeBillOfMaterials(outdir, Object.keys(metafile.inputs));
  // Files that flags refer to: config/audit-policy.yaml.
  cpSync(join(root, 'infra/deploy/config'), join(outdir, 'config'), { recursive: true });
  const start = Object.fromEntries(
    Object.entries(PROGRAMS).map(([name, path]) => [name, Math.round(starts.get(path)! / 1000)]),
  );
  const exceeded = Object.entries(start).filter(([name, weight]) => weight > BUDGETS_KB[name]!);
  if (exceeded.length > 0) {
    const each = exceeded.map(([name, weight]) => `${name} ${weight} KB of ${BUDGETS_KB[name]} KB`);
    throw new Error(`functions load more at start than their budgets: ${each.join(', ')}`);
  }
  const scripts = readdirSync(outdir).filter((name) => name.endsWith('.mjs'));
  const total = scripts.reduce((sum, name) => sum + statSync(join(outdir, name)).size, 0);
  return { start, total: Math.round(total / 1000) };
}
