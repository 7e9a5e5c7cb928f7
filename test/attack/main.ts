/**
 * `npm run attack [-- --only WORDS] [-- --heap MB]`: each attack against a server of little memory, beside a client
 * that asks for its own object every 100 ms. Prints what each cost, and fails if one of them ended the server, made it
 * answer 5xx (but 503), or held the other client longer than `--stall` milliseconds. Needs Linux.
 */

import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import type { Attack } from './attack.ts';
import { allAttacks } from './attacks/all-attacks.ts';
import { QUIET, startTarget, type Target, usageOf } from './target.ts';

const { values } = parseArgs({
  options: {
    only: { type: 'string', default: '' },
    heap: { type: 'string', default: '256' },
    stall: { type: 'string', default: '250' },
  },
});

interface Row {
  readonly attack: string;
  readonly answers: string;
  readonly cpu: number;
  /** Longest time that the event loop was held, in milliseconds of processor time. */
  readonly hold: number;
  /** Longest wait of the other client, in milliseconds. */
  readonly stall: number;
  readonly refused: number;
  /** Highest and last, in MB. */
  readonly peak: number;
  readonly after: number;
}

/** What the other client saw since it was last asked. */
async function seenBy(probe: ChildProcess): Promise<{ longest: number; failures: number }> {
  probe.send('report');
  const [seen] = await once(probe, 'message');
  return seen as { longest: number; failures: number };
}

const pause = (ms: number) => new Promise<void>((done) => setTimeout(done, ms));

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
    refused: seen.failures,
    peak,
    after: after.memory,
  };
}

async function startWithProbe(): Promise<{ target: Target; probe: ChildProcess }> {
  const target = await startTarget(Number(values.heap));
  const path = `/api/v1/namespaces/${QUIET.namespace}/configmaps/${QUIET.name}`;
  const probe = fork(resolve('test/attack/probe.mjs'), [target.server.url, target.quietToken, path]);
  await pause(1500);
  return { target, probe };
}

const FORMAT: readonly (readonly [title: string, width: number, of: (row: Row) => string])[] = [
  ['attack', -58, (row) => row.attack],
  ['cpu s', 7, (row) => row.cpu.toFixed(2)],
  ['hold ms', 8, (row) => row.hold.toFixed(0)],
  ['stall ms', 9, (row) => row.stall.toFixed(0)],
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

const attacks = allAttacks().filter(({ name }) => name.includes(values.only));
console.log(line(FORMAT.map(([title]) => title)));
let { target, probe } = await startWithProbe();
const failed: string[] = [];
for (const attack of attacks) {
  const row = await measure(attack, target, probe);
  console.log(line(FORMAT.map(([, , of]) => of(row))));
  const isUp = target.server.isRunning();
  if (!isUp || row.stall > Number(values.stall) || /\b5(?!03)\d\d\b/.test(row.answers))
    failed.push(attack.name);
  if (!isUp) {
    console.log(`the server ended: ${target.server.errors().slice(-500)}`);
    probe.disconnect();
    ({ target, probe } = await startWithProbe());
  }
}
probe.disconnect();
await target.server.stop();
if (failed.length > 0) console.log(`${failed.length} of ${attacks.length} failed: ${failed.join(', ')}`);
process.exit(failed.length === 0 ? 0 : 1);
