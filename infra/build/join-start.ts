/**
 * Joins what programs load at start. esbuild splits shared code by who may load it, lazily too, which leaves dozens of
 * files to each start; finding and linking them takes longer than compiling what is in them.
 */

import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { build, type Metafile, type Plugin } from 'esbuild';

/** The file that every program loads. */
const CORE = 'core.mjs';

export interface JoinOptions {
  /** What a build with splitting wrote, source maps included. */
  readonly folder: string;
  /** Where the same programs go, by the same names. */
  readonly outdir: string;
  /** Of that build. */
  readonly metafile: Metafile;
  /** Sources of what is started. */
  readonly programs: readonly string[];
  /** What all scripts begin with, and by what those are known that need it. */
  readonly banner: UnneededBanner;
}

interface UnneededBanner {
  readonly banner: string;
  readonly needed: RegExp;
}

type Scripts = ReadonlyMap<string, Metafile['outputs'][string]>;

/** A script and all that it imports statically, by name. */
function startOf(scripts: Scripts, name: string, seen = new Set<string>()): ReadonlySet<string> {
  if (seen.has(name)) return seen;
  seen.add(name);
  for (const { path, kind, external } of scripts.get(name)!.imports) {
    if (kind === 'import-statement' && external !== true) startOf(scripts, basename(path), seen);
  }
  return seen;
}

/** `core` has what its members export; to all others it stands for them. */
function joined(
  folder: string,
  core: ReadonlySet<string>,
  scripts: Scripts,
  { banner, needed }: UnneededBanner,
): Plugin {
  const prefixes = new Map([...core].map((name, at) => [name, `_${at}_`]));
  const reExports = (name: string, [from, to]: readonly [string, string], path: string): string => {
    const keys = scripts.get(name)!.exports ?? [];
    const clauses = keys.map((key) => `${from}${key} as ${to}${key}`);
    return `${keys.length === 0 ? 'import' : `export { ${clauses.join(', ')} } from`} '${path}';\n`;
  };
  return {
    name: 'join-start',
    setup(context) {
      // Every script has it, and each would run it; empty lines leave positions as they are.
      context.onLoad({ filter: /\.mjs$/, namespace: 'file' }, async ({ path }) => {
        const text = await readFile(path, 'utf8');
        if (!text.startsWith(banner) || needed.test(text.slice(banner.length))) return undefined;
        return { contents: banner.replace(/./g, '') + text.slice(banner.length), resolveDir: folder };
      });
      context.onResolve({ filter: /^core:$/ }, () => ({ path: CORE, namespace: 'core' }));
      context.onResolve({ filter: /^\.\/[^/]*\.mjs$/ }, ({ path, kind, importer, namespace }) => {
        const name = basename(path);
        if (kind !== 'import-statement' || !core.has(name)) return { path, external: true };
        const isInside = namespace === 'core' || core.has(basename(importer));
        return isInside ? { path: join(folder, name) } : { path: name, namespace: 'of-core' };
      });
      context.onLoad({ filter: /.*/, namespace: 'core' }, () => ({
        contents: [...core].map((name) => reExports(name, ['', prefixes.get(name)!], `./${name}`)).join(''),
      }));
      context.onLoad({ filter: /.*/, namespace: 'of-core' }, ({ path }) => ({
        contents: reExports(path, [prefixes.get(path)!, ''], `./${CORE}`),
      }));
    },
  };
}

/** Writes the programs anew. Returns the bytes of JavaScript that each loads at start, by its source. */
export async function joinStart(options: JoinOptions): Promise<ReadonlyMap<string, number>> {
  const { folder, outdir, metafile, programs, banner } = options;
  const scripts = new Map(
    Object.entries(metafile.outputs).flatMap(([path, output]) =>
      path.endsWith('.mjs') ? [[basename(path), output] as const] : [],
    ),
  );
  const nameOf = (program: string) => [...scripts].find(([, { entryPoint }]) => entryPoint === program)![0];
  const starts = new Map(programs.map((program) => [program, startOf(scripts, nameOf(program))]));
  const core = new Set(
    [...scripts.keys()].filter((name) => [...starts.values()].every((start) => start.has(name))),
  );
  const others = [...scripts.keys()].filter((name) => !core.has(name));
  const { metafile: result } = await build({
    entryPoints: {
      [basename(CORE, '.mjs')]: 'core:',
      ...Object.fromEntries(others.map((name) => [basename(name, '.mjs'), join(folder, name)])),
    },
    outdir,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    outExtension: { '.js': '.mjs' },
    minify: true,
    legalComments: 'none',
    sourcemap: 'linked',
    sourcesContent: false,
    packages: 'external',
    plugins: [joined(folder, core, scripts, banner)],
    metafile: true,
    logLevel: 'warning',
  });
  const bytes = new Map(
    Object.entries(result.outputs).map(([path, output]) => [basename(path), output.bytes]),
  );
  return new Map(
    [...starts].map(([program, start]) => {
      const names = [CORE, ...[...start].filter((name) => !core.has(name))];
      return [program, names.reduce((sum, name) => sum + bytes.get(name)!, 0)];
    }),
  );
}
