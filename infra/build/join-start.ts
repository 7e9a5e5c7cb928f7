/**
 * Joins the scripts that programs load at start. esbuild splits shared code by the set of scripts that import it,
 * dynamic imports included, which results in dozens of files per start; finding and linking them takes longer than
 * compiling their code.
 */

import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { build, type Metafile, type Plugin } from 'esbuild';

/** The file that every program loads. */
const CORE = 'core.mjs';

export interface JoinOptions {
  /** Output of a build with splitting, source maps included. */
  readonly folder: string;
  /** Folder for the joined programs, with the same names. */
  readonly outdir: string;
  /** Of that build. */
  readonly metafile: Metafile;
  /** Sources of the entries. */
  readonly programs: readonly string[];
  /** The text that all scripts begin with, and a pattern of the code that needs it. */
  readonly banner: UnneededBanner;
}

interface UnneededBanner {
  readonly banner: string;
  readonly needed: RegExp;
}

type Scripts = ReadonlyMap<string, Metafile['outputs'][string]>;

/** The names of a script and of everything it imports statically. */
function startOf(scripts: Scripts, name: string, seen = new Set<string>()): ReadonlySet<string> {
  if (seen.has(name)) return seen;
  seen.add(name);
  for (const { path, kind, external } of scripts.get(name)!.imports) {
    if (kind === 'import-statement' && external !== true) startOf(scripts, basename(path), seen);
  }
  return seen;
}

/** `core` exports everything its members export; imports of them are redirected to it. */
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
      // Every script has the banner, and would run it again; empty lines preserve source positions.
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

/** Writes the joined programs. Returns the bytes of JavaScript that each loads at start, by source. */
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
