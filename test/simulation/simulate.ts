/**
 * `npm run simulate -- --seeds N [--from SEED]`: runs this number of seeds; prints those that fail, which can be
 * replayed.
 */

import { parseArgs } from 'node:util';
import { runSeed } from './run-seed.ts';

const { values } = parseArgs({
  options: { seeds: { type: 'string', default: '1000' }, from: { type: 'string', default: '1' } },
});
const first = Number(values.from);
const count = Number(values.seeds);
const start = performance.now();
let failed = 0;
for (let seed = first; seed < first + count; seed++) {
  const violations = await runSeed({ seed }).catch((error: unknown) => [String(error)]);
  if (violations.length > 0) {
    failed++;
    console.log(`seed ${seed}:\n  ${violations.slice(0, 5).join('\n  ')}`);
  }
}
const elapsed = (performance.now() - start) / 1_000;
console.log(`${count} seeds from ${first}: ${failed} failed, ${elapsed.toFixed(1)} s`);
process.exitCode = failed === 0 ? 0 : 1;
