/**
 * `npm run fuzz -- [--seed N] [--runs N] [FILE...]`: runs the property tests with a new seed. Prints how to repeat a
 * failure; a counterexample worth keeping becomes an example of its test.
 */

import { spawnSync } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';

const { values, positionals } = parseArgs({
  options: { seed: { type: 'string' }, runs: { type: 'string' } },
  allowPositionals: true,
});
const seed = values.seed ?? String(randomInt(2 ** 31));
const files = (readdirSync('test', { recursive: true }) as string[])
  .map((file) => `test/${file}`)
  .filter((file) => file.endsWith('.test.ts') && readFileSync(file, 'utf8').includes('fixtures/fuzz.ts'))
  .filter((file) => positionals.length === 0 || positionals.some((part) => file.includes(part)));

const settings = { FUZZ_SEED: seed, ...(values.runs !== undefined && { FUZZ_RUNS: values.runs }) };
console.log(`${files.length} files with seed ${seed}`);
const { status } = spawnSync('npx', ['vitest', 'run', ...files], {
  stdio: 'inherit',
  env: { ...process.env, ...settings },
});
if (status !== 0) {
  const runs = values.runs === undefined ? '' : ` --runs ${values.runs}`;
  console.error(`again: npm run fuzz -- --seed ${seed}${runs} FILE`);
}
process.exit(status ?? 1);
