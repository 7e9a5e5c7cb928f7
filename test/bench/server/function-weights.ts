/** The code each function loads at start, and the time a new process takes for it. */

import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { buildFunctions } from '../../../infra/build/build-functions.ts';

const run = promisify(execFile);
const IMPORTS = 7;
const HOST = 'host';

/** A table in Markdown. */
export async function functionWeights(): Promise<string> {
  // Within the checkout, so that bundles resolve their external packages.
  mkdirSync('dist', { recursive: true });
  const folder = mkdtempSync(resolve('dist/bench-'));
  const rows: string[] = [];
  const { start, total } = await buildFunctions(folder);
  for (const [name, weight] of Object.entries(start)) {
    // It starts serving when it is loaded.
    if (name === HOST) continue;
    const times: number[] = [];
    for (let n = 0; n < IMPORTS; n++) times.push(await importMs(join(folder, `${name}.mjs`)));
    const [least, median] = [times.sort((a, b) => a - b)[0]!, times[IMPORTS >> 1]!];
    rows.push(`| ${name} | ${weight} | ${total} | ${median.toFixed(0)} | ${least.toFixed(0)} |`);
  }
  rmSync(folder, { recursive: true, force: true });
  return [
    '| function | KB at start | KB in all | import ms, median | least |',
    '| --- | --- | --- | --- | --- |',
    ...rows,
  ].join('\n');
}

async function importMs(file: string): Promise<number> {
  const { stdout } = await run(process.execPath, [resolve('test/bench/server/import-function.mjs'), file], {
    env: { ...process.env, AWS_REGION: 'us-east-1' },
  });
  return Number(stdout.trim().split('\n').at(-1));
}
