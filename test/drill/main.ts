/**
 * `npm run drill`: runs the drill with the given number of objects and clients, and prints a table of times and losses;
 * `--write` writes it to test/bench/results/drill.md.
 */

import { writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { root } from '../../infra/build/bundle-options.ts';
import { type DrillReport, drill } from './drill.ts';

const { values } = parseArgs({
  options: {
    objects: { type: 'string', default: '10000' },
    /** Objects created by requests; the others are imported. */
    'by-requests': { type: 'string', default: '5000' },
    writers: { type: 'string', default: '8' },
    watchers: { type: 'string', default: '4' },
    write: { type: 'boolean', default: false },
  },
});

function count(name: 'objects' | 'by-requests' | 'writers' | 'watchers'): number {
  const number = Number(values[name]);
  if (Number.isInteger(number) && number > 0) return number;
  throw new Error(`--${name} ${values[name]}: expected a number above 0`);
}

const size = {
  objects: count('objects'),
  byRequests: count('by-requests'),
  writers: count('writers'),
  watchers: count('watchers'),
};
const steps: { readonly what: string; readonly begin: number }[] = [];
const say = (what: string) => {
  steps.push({ what, begin: performance.now() });
  console.error(`${new Date().toISOString()} ${what}`);
};

const yes = (is: boolean): string => (is ? 'yes' : 'NO');

/** Name, actual value and expected value of each result. */
const outcomes = (report: DrillReport): readonly (readonly [string, unknown, string])[] => [
  ['the release that fails', report.faulty, 'went back'],
  ['the one after it', report.mended, 'took over'],
  ['writes acknowledged while releases were deployed', report.writes, ''],
  ['answers with 5xx of the release that fails, tried again', report.failures, ''],
  ['acknowledged writes lost', report.lostWrites, '0'],
  ['acknowledged writes that a watch never told of', report.missedEvents, '0'],
  ['watches that ended and went on where they were', report.resumedWatches, ''],
  ['watchers that had to list anew before the table was lost', report.relisted[0], '0'],
  [
    'after it was restored: each is told that what it knows is too old',
    report.relisted[1],
    `${size.watchers}`,
  ],
  ['objects that watchers know other than they are, at the end', report.wrongInWatchers.length, '0'],
  ['tokens of the key before the rotation are good', yes(report.oldTokenIsGood), 'yes'],
  ['new ones are of another key', yes(report.newTokenHasNewKey), 'yes'],
  ['the old ones are good after the restore', yes(report.oldTokenIsGoodAfterRestore), 'yes'],
  ['size of the backup, KB', Math.round(report.backupBytes / 1000), ''],
  ['objects compared with what they were before', report.compared, ''],
  ['of these lost, changed or new', report.differences.length, '0'],
  ['revisions of all lists go forward', yes(report.revisionsGoForward), 'yes'],
];

const table = (head: readonly string[], rows: readonly (readonly unknown[])[]): string =>
  [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');

const report = await drill({ ...size, say });
const end = performance.now();
const times = steps.map(({ what, begin }, n) => [
  what,
  (((steps[n + 1]?.begin ?? end) - begin) / 1000).toFixed(1),
]);
const machine = `${cpus().length} x ${cpus()[0]?.model.trim() ?? 'unknown processor'}, Node ${process.version}`;
const page = `# drill

\`npm run drill\` with ${size.objects} objects, ${size.writers} writers and ${size.watchers} watchers on ${machine}, where functions, their clients and DynamoDB's emulator share the processors.

${table(['step', 'seconds'], times)}

${table(['what', 'measured', 'expected'], outcomes(report))}
`;
console.log(page);
for (const line of [...report.differences, ...report.wrongInWatchers].slice(0, 20)) console.log(line);
if (values.write) writeFileSync(join(root, 'test/bench/results/drill.md'), page);
const isAsExpected = outcomes(report).every(([, is, expected]) => expected === '' || String(is) === expected);
process.exit(isAsExpected ? 0 : 1);
