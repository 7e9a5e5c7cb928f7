// Bundles the Lambda functions: `node infra/build/functions.mjs [FUNCTION...] [--outdir FOLDER]`.
// Without --outdir each goes to dist/functions/<name>; what they weigh is printed, and held against their budgets.
import { cpSync, existsSync, readdirSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { build } from 'esbuild';
import { common, root } from './esbuild.mjs';
import { writeOpenAPIDescriptions } from './generate-openapi-descriptions.mjs';

/** Kilobytes that a function may load at start: its entry and what that imports statically. */
export const BUDGETS_KB = {
  aggregator: 2150,
  'kube-apiserver': 2150,
  apiextensions: 2150,
  controllers: 2150,
};

export const FUNCTIONS = readdirSync(join(root, 'functions')).filter((name) =>
  existsSync(join(root, 'functions', name, 'handler.ts')),
);

/** The function that the gateway sends `/openapi/` to; it reads the descriptions when they are first asked for. */
const SERVES_OPENAPI = 'aggregator';

/** Bytes of an output and of all that it imports statically. */
function startSize(outputs, path, seen = new Set()) {
  if (seen.has(path)) return 0;
  seen.add(path);
  const { bytes, imports } = outputs[path];
  const statics = imports.filter(({ kind, external }) => kind === 'import-statement' && !external);
  return statics.reduce((sum, next) => sum + startSize(outputs, next.path, seen), bytes);
}

/** Builds one function into a folder; returns what it weighs, in kilobytes. Throws when it is over budget. */
export async function buildFunction(name, outdir) {
  rmSync(outdir, { recursive: true, force: true });
  const { metafile } = await build({
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
  const { outputs } = metafile;
  const entry = Object.keys(outputs).find((path) =>
    outputs[path].entryPoint?.endsWith(`functions/${name}/handler.ts`),
  );
  const total = Object.values(outputs).reduce((sum, { bytes }) => sum + bytes, 0);
  const weight = { start: Math.round(startSize(outputs, entry) / 1000), total: Math.round(total / 1000) };
  if (weight.start > BUDGETS_KB[name]) {
    throw new Error(`${name} loads ${weight.start} KB at start, over its budget of ${BUDGETS_KB[name]} KB`);
  }
  return weight;
}

if (process.argv[1] === import.meta.filename) {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { outdir: { type: 'string' } },
  });
  for (const name of positionals.length > 0 ? positionals : FUNCTIONS) {
    const outdir = values.outdir ? resolve(values.outdir) : join(root, 'dist/functions', name);
    const { start, total } = await buildFunction(name, outdir);
    console.log(`${name}: ${start} KB at start of ${total} KB, budget ${BUDGETS_KB[name]} KB`);
  }
}
