/**
 * `npm run attack -- [--only WORDS|WORDS] [--part I/N] [--runs N] [--hold MS] [--stall MS] [--heap MB] [--who]`: runs
 * each attack against a server with little memory, while another client requests its own object every 100 ms. Prints
 * the cost of each attack, and fails if one ended the server, was answered with 5xx (except 503, and where
 * kube-apiserver does the same), or held the event loop longer than `--hold` milliseconds. Holds are processor time,
 * and the median of `--runs` counts, so that other load on the machine has little effect. The stall of the other client
 * (its wait, less the time for which it and the server waited for a processor) is judged only with `--stall`. `--who`
 * prints the functions that ran in long holds, which takes extra time. Needs Linux.
 */

import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { type Attack, type MakeSetting, pause } from './attack.ts';
import { allAttacks } from './attacks/all-attacks.ts';
import { QUIET, startTarget, type Target, usageOf } from './target.ts';

/** Maximum time for which a request may hold the event loop. */
const MAX_HOLD_MS = 100;

const { values } = parseArgs({
  options: {
    only: { type: 'string', default: '' },
    part: { type: 'string', default: '1/1' },
    runs: { type: 'string', default: '1' },
    hold: { type: 'string', default: String(MAX_HOLD_MS) },
    stall: { type: 'string', default: 'Infinity' },
    heap: { type: 'string', default: '256' },
    who: { type: 'boolean', default: false },
  },
});

interface Row {
  readonly attack: string;
  readonly answers: string;
  readonly cpu: number;
  /** Longest hold of the event loop, in milliseconds of processor time. */
  readonly hold: number;
  /** Longest wait of the other client, in milliseconds: without the time it waited for a processor, and in total. */
  readonly stall: number;
  readonly wait: number;
  readonly refused: number;
  /** Peak memory, and memory afterwards, in MB. */
  readonly peak: number;
  readonly after: number;
}

interface Seen {
  readonly longest: number;
  readonly longestWait: number;
  readonly failures: number;
}

/** The other client's measurements since the last call. */
async function seenBy(probe: ChildProcess): Promise<Seen> {
  probe.send('report');
  const [seen] = await once(probe, 'message');
  return seen as Seen;
}

async function measure(attack: Attack, target: Target, probe: ChildProcess): Promise<Row> {
  const { pid } = target.server;
  await pause(300);
  await seenBy(probe);
  await target.longestHold();
  const before = usageOf(pid);
  let peak = before.memory;
  const sampling = setInterval(() => {
    if (target.server.isRunning()) peak = Math.max(peak, usageOf(pid).memory);
  }, 20);
  const answers = await attack.run(target);
  await pause(300);
  clearInterval(sampling);
  const seen = await seenBy(probe);
  const hold = await target.longestHold();
  const after = target.server.isRunning() ? usageOf(pid) : { cpu: Number.NaN, memory: Number.NaN };
  return {
    attack: attack.name,
    answers,
    cpu: after.cpu - before.cpu,
    hold,
    stall: seen.longest,
    wait: seen.longestWait,
    refused: seen.failures,
    peak,
    after: after.memory,
  };
}

async function startWithProbe(setting?: MakeSetting): Promise<{ target: Target; probe: ChildProcess }> {
  const target = await startTarget(Number(values.heap), {
    isProfiled: values.who,
    ...(setting && { setting }),
  });
  const path = `/api/v1/namespaces/${QUIET.namespace}/configmaps/${QUIET.name}`;
  const probe = fork(resolve('test/attack/probe.mjs'), [
    target.server.url,
    target.quietToken,
    path,
    String(target.server.pid),
  ]);
  await pause(1500);
  return { target, probe };
}

const FORMAT: readonly (readonly [title: string, width: number, of: (row: Row) => string])[] = [
  ['attack', -58, (row) => row.attack],
  ['cpu s', 7, (row) => row.cpu.toFixed(2)],
  ['hold ms', 8, (row) => row.hold.toFixed(0)],
  ['stall ms', 9, (row) => row.stall.toFixed(0)],
  ['wait ms', 8, (row) => row.wait.toFixed(0)],
  ['refused', 8, (row) => String(row.refused)],
  ['peak MB', 8, (row) => row.peak.toFixed(0)],
  ['after', 6, (row) => row.after.toFixed(0)],
  ['answers', -1, (row) => row.answers],
];

function line(cells: readonly string[]): string {
  return cells
    .map((cell, i) => (FORMAT[i]![1] < 0 ? cell.padEnd(-FORMAT[i]![1]) : cell.padStart(FORMAT[i]![1])))
    .join(' ');
}

/** Faults that must not occur in any run, and limits that the median must not exceed. */
function faultsOf(rows: readonly Row[], { failsUpstream }: Attack): string[] {
  const middle = (of: (row: Row) => number) => rows.map(of).sort((a, b) => a - b)[(rows.length - 1) >> 1]!;
  const faults: string[] = [];
  const hold = middle((row) => row.hold);
  const stall = middle((row) => row.stall);
  if (hold > Number(values.hold)) faults.push(`held the loop for ${hold.toFixed(0)} ms`);
  if (stall > Number(values.stall)) faults.push(`stalled the other client for ${stall.toFixed(0)} ms`);
  const hasFailed = rows.some(({ answers }) => /\b5(?!03)\d\d\b(?! x )/.test(answers));
  if (hasFailed && failsUpstream === undefined) faults.push('was answered with 5xx');
  if (rows.some(({ after }) => Number.isNaN(after))) faults.push('ended the server');
  return faults;
}

/** Prints the holds that the server reported after the first `told` characters; returns the new length. */
function tellHolds({ server }: Target, told: number): number {
  const errors = server.errors();
  for (const held of errors.slice(told).matchAll(/^held for .*$/gm)) console.log(`  ${held[0]}`);
  return errors.length;
}

/** The Ith of N portions of about the same length, for `--part I/N`. */
function portion<T>(of: readonly T[]): readonly T[] {
  const [, part, parts] = /^(\d+)\/(\d+)$/.exec(values.part)?.map(Number) ?? [];
  if (!part || !parts || part > parts) throw new Error(`--part ${values.part}: must be I/N, such as 2/6`);
  return of.slice(Math.round((of.length * (part - 1)) / parts), Math.round((of.length * part) / parts));
}

const words = values.only.split('|');
const attacks = portion(allAttacks().filter(({ name }) => words.some((some) => name.includes(some))));
console.log(line(FORMAT.map(([title]) => title)));
let setting = attacks[0]?.setting;
let { target, probe } = await startWithProbe(setting);
const failed: string[] = [];
let toldHolds = 0;

async function startAnew(): Promise<void> {
  probe.disconnect();
  await target.stop();
  ({ target, probe } = await startWithProbe(setting));
  toldHolds = 0;
}

for (const attack of attacks) {
  if (attack.setting !== setting) {
    ({ setting } = attack);
    await startAnew();
  }
  const rows: Row[] = [];
  for (let run = 0; run < Number(values.runs); run++) {
    const row = await measure(attack, target, probe);
    console.log(line(FORMAT.map(([, , of]) => of(row))));
    if (values.who) toldHolds = tellHolds(target, toldHolds);
    rows.push(row);
    if (target.server.isRunning()) continue;
    console.log(`the server ended: ${target.server.errors().slice(-500)}`);
    await startAnew();
  }
  const faults = faultsOf(rows, attack);
  if (faults.length > 0) failed.push(`${attack.name}: ${faults.join(', ')}`);
}
probe.disconnect();
await target.stop();
console.log(`${attacks.length - failed.length} of ${attacks.length} attacks did no harm`);
for (const failure of failed) console.log(`  ${failure}`);
process.exit(failed.length === 0 ? 0 : 1);
