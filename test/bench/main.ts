/**
 * The benchmarks: `npm run bench` for all, `npm run bench -- server codecs` for some. Figures that matter are ratios
 * within one run; what a section returns goes into test/bench/results/<section>.md, its rates as a plot beside it.
 */

import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join, resolve } from 'node:path';
import { plotRates } from './plot.ts';

/** Markdown, without a title. */
type Section = () => Promise<string>;

const SECTIONS: Readonly<Record<string, () => Promise<{ run: Section }>>> = {
  admission: () => import('./admission/admission-bench.ts'),
  authz: () => import('./authz/authz-bench.ts'),
  apiextensions: () => import('./apiextensions/apiextensions-bench.ts'),
  codecs: () => import('./codecs/codecs-bench.ts'),
  fleet: () => import('./fleet/fleet-bench.ts'),
  server: () => import('./server/server-bench.ts'),
  storage: () => import('./storage/storage-bench.ts'),
};

const root = resolve(process.cwd());

async function main(names: readonly string[]): Promise<void> {
  const wanted = names.length > 0 ? names : Object.keys(SECTIONS);
  for (const name of wanted) {
    const load = SECTIONS[name];
    if (load === undefined)
      throw new Error(`no benchmark ${name}; there are ${Object.keys(SECTIONS).join(', ')}`);
    const { run } = await load();
    const body = await run();
    const machine = `${cpus().length} x ${cpus()[0]?.model.trim() ?? 'unknown processor'}, Node ${process.version}`;
    const folder = join(root, 'test/bench/results');
    mkdirSync(folder, { recursive: true });
    const plot = plotRates(name, body);
    const svg = join(folder, `${name}.svg`);
    if (plot === undefined) rmSync(svg, { force: true });
    else writeFileSync(svg, plot);
    const image = plot === undefined ? '' : `![rates of the section ${name}](${name}.svg)\n\n`;
    const page = `# ${name}\n\n\`npm run bench -- ${name}\` on ${machine}.\n\n${image}${body}\n`;
    writeFileSync(join(folder, `${name}.md`), page);
    console.log(page);
  }
}

await main(process.argv.slice(2));
