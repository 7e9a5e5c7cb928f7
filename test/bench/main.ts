/**
 * The benchmarks: `npm run bench` runs all, `npm run bench -- server codecs` some; `--only TEXT` runs some rows of one
 * and writes no page, or with `--merge` writes those rows into the existing page; `--seconds N` measures longer;
 * `--peer NAME=URL,ca,cert,key` compares with another server. The figures to rely on are ratios within one run. The
 * text a section returns is written to test/bench/results/<section>.md, its rates as a plot beside it.
 */

import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import type { BenchOptions } from './bench-options.ts';
import { mergePage } from './merge-page.ts';
import { plotRates } from './plot.ts';

/** Markdown, without a title. */
type Section = (options: BenchOptions) => Promise<string>;

const SECTIONS: Readonly<Record<string, () => Promise<{ run: Section }>>> = {
  admission: () => import('./admission/admission-bench.ts'),
  authz: () => import('./authz/authz-bench.ts'),
  apiextensions: () => import('./apiextensions/apiextensions-bench.ts'),
  codecs: () => import('./codecs/codecs-bench.ts'),
  fleet: () => import('./fleet/fleet-bench.ts'),
  growth: () => import('./growth/growth-bench.ts'),
  lambda: () => import('./lambda/lambda-bench.ts'),
  server: () => import('./server/server-bench.ts'),
  storage: () => import('./storage/storage-bench.ts'),
};

const RESULTS = resolve('test/bench/results');

async function main(names: readonly string[], options: BenchOptions, merge: boolean): Promise<void> {
  const wanted = names.length > 0 ? names : Object.keys(SECTIONS);
  for (const name of wanted) {
    const load = SECTIONS[name];
    if (load === undefined)
      throw new Error(`no benchmark ${name}; there are ${Object.keys(SECTIONS).join(', ')}`);
    const { run } = await load();
    const body = await run(options);
    const file = join(RESULTS, `${name}.md`);
    if (merge && existsSync(file)) {
      const page = mergePage(readFileSync(file, 'utf8'), body);
      console.log(body);
      write(name, page, plotRates(name, page));
      continue;
    }
    const machine = `${cpus().length} x ${cpus()[0]?.model.trim() ?? 'unknown processor'}, Node ${process.version}`;
    const plot = plotRates(name, body);
    const image = plot === undefined ? '' : `![rates of the section ${name}](${name}.svg)\n\n`;
    const command = `npm run bench -- ${[name, ...(options.peer ? ['--peer ...'] : [])].join(' ')}`;
    const page = `# ${name}\n\n\`${command}\` on ${machine}.\n\n${image}${body}\n`;
    console.log(page);
    if (options.only === undefined || merge) write(name, page, plot);
  }
}

function write(name: string, page: string, plot: string | undefined): void {
  mkdirSync(RESULTS, { recursive: true });
  const svg = join(RESULTS, `${name}.svg`);
  if (plot === undefined) rmSync(svg, { force: true });
  else writeFileSync(svg, plot);
  writeFileSync(join(RESULTS, `${name}.md`), page);
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    peer: { type: 'string' },
    only: { type: 'string' },
    merge: { type: 'boolean', default: false },
    seconds: { type: 'string', default: '2.5' },
  },
});
const { merge, ...others } = values;
const seconds = Number(others.seconds);
if (!(seconds > 0)) throw new Error(`--seconds ${others.seconds}: expected seconds`);
await main(positionals, { ...others, seconds }, merge);
