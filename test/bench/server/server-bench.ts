/** The local server compared with a bare HTTPS server that sends the same bytes, and with a peer if one is given. */

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { BenchOptions } from '../bench-options.ts';
import {
  call,
  inBatches,
  type LocalTarget,
  type Measured,
  measure,
  parsePeer,
  startLocal,
  type Target,
} from './bench-server.ts';
import { functionWeights } from './function-weights.ts';
import { load } from './load.ts';
import {
  CONFIG_MAPS,
  cleanUp,
  configMap,
  LIST_PATH,
  OPERATIONS,
  type Operation,
  POD_PATH,
  prepare,
  WATCH_ENCODINGS,
} from './operations.ts';
import { WATCHERS, type WatchTimes, watchTimes } from './watchers.ts';

const CONNECTIONS = [1, 16, 64];
/** Several rounds, so that disturbances affect all servers alike. */
const ROUNDS = 2;
/** Runs before an operation's first row: a single connection sends too few requests to warm up its code. */
const WARM_UP = { connections: 16, durationMs: 1_500 };
const OBJECTS = 10_000;
const IDLE_MS = 45_000;
/** Maximum hold of the event loop for one request of one client. */
const HOLD_MS = 50;

interface Run {
  readonly local: LocalTarget;
  readonly bare: Target;
  readonly peer: Target | undefined;
  readonly options: BenchOptions;
}

export async function run(options: BenchOptions): Promise<string> {
  const peer = options.peer === undefined ? undefined : parsePeer(options.peer);
  const folder = mkdtempSync(join(tmpdir(), 'zeroplane-bench-'));
  // A peer persists its data, so this server does, too.
  const local = await startLocal(folder, peer === undefined ? ['--in-memory'] : []);
  const readyMB = local.residentMB();
  for (const target of [local, ...(peer ? [peer] : [])]) await prepare(target);
  const bare = await startBare(folder, {
    [POD_PATH]: await call(local, { method: 'GET', path: POD_PATH }),
    [LIST_PATH]: await call(local, { method: 'GET', path: LIST_PATH }),
  });
  const all: Run = { local, bare, peer, options };
  const tables = [await requestTable(all), await watchTable(all)];
  if (options.only === undefined) tables.push(await figures(all, folder, readyMB), await functionWeights());
  if (peer !== undefined) await cleanUp(peer);
  if (local.child.exitCode === null) await local.stop();
  bare.child.kill();
  rmSync(folder, { recursive: true, force: true });
  return tables.filter((table) => table !== '').join('\n\n');
}

const isWanted = (name: string, { only }: BenchOptions) => only === undefined || name.includes(only);

async function requestTable(run: Run): Promise<string> {
  const { local, bare, peer, options } = run;
  const rows: string[][] = [];
  let runs = 0;
  for (const operation of OPERATIONS.filter(({ name }) => isWanted(name, options))) {
    const targets = [local, ...(operation.hasFloor ? [bare] : []), ...(peer ? [peer] : [])];
    const nextOf = (run: number) => (n: number) => operation.next(n, run);
    for (const { url, tls } of targets) await load({ ...WARM_UP, url, tls, next: nextOf(runs++) });
    for (const connections of CONNECTIONS) {
      const found = new Map<Target, Measured[]>(targets.map((target) => [target, []]));
      await local.longestHoldMs();
      for (let round = 0; round < ROUNDS; round++) {
        for (const target of targets) {
          const next = nextOf(runs++);
          const durationMs = (options.seconds * 1_000) / ROUNDS;
          found.get(target)!.push(await measure(target, { connections, durationMs, next }));
        }
      }
      const held = await local.longestHoldMs();
      rows.push(requestRow(operation, connections, run, found, held));
      console.error(rows.at(-1)!.join(' | '));
    }
  }
  if (rows.length === 0) return '';
  const head = [
    'request',
    'connections',
    'per second',
    'median ms',
    'p99 ms',
    'CPU ms',
    'KB of a response',
    'longest hold ms',
  ];
  const beside = peer === undefined ? [] : [`rate / ${peer.name}`];
  const note = `"longest hold": the longest time that the event loop was held; with one connection, by a single request. Values above ${HOLD_MS} ms are marked.`;
  return `${table([...head, 'of a bare server', ...beside], rows)}\n\n${note}`;
}

function requestRow(
  { name }: Operation,
  connections: number,
  { local, bare, peer }: Run,
  found: ReadonlyMap<Target, readonly Measured[]>,
  held: number,
): string[] {
  const own = averaged(found.get(local)!);
  const floor = found.get(bare);
  const failed = own.failures > 0 ? `, ${own.failures} failed` : '';
  const row = [
    name,
    String(connections),
    `${own.perSecond.toFixed(0)}${failed}`,
    own.medianMs.toFixed(1),
    own.p99Ms.toFixed(1),
    own.cpuMs?.toFixed(2) ?? '',
    (own.bytes / 1000).toFixed(own.bytes < 10_000 ? 1 : 0),
    `${held.toFixed(0)}${connections === 1 && held > HOLD_MS ? ' (!)' : ''}`,
    floor === undefined ? '' : percent(own.perSecond, averaged(floor).perSecond),
  ];
  if (peer !== undefined) {
    const theirs = averaged(found.get(peer)!);
    row.push(times(own.perSecond, theirs.perSecond));
  }
  return row;
}

async function watchTable({ local, peer, options }: Run): Promise<string> {
  const rows: string[][] = [];
  for (const encoding of Object.keys(WATCH_ENCODINGS) as (keyof typeof WATCH_ENCODINGS)[]) {
    if (!isWanted(`watch ${encoding}`, options)) continue;
    await local.longestHoldMs();
    const own = await watchTimes(local, encoding);
    const held = await local.longestHoldMs();
    const theirs: WatchTimes | undefined = peer && (await watchTimes(peer, encoding));
    const row = [
      encoding,
      own.medianMs.toFixed(0),
      own.p99Ms.toFixed(0),
      own.cpuMs?.toFixed(1) ?? '',
      held.toFixed(0),
    ];
    if (theirs !== undefined) {
      row.push(times(own.medianMs, theirs.medianMs), times(own.p99Ms, theirs.p99Ms));
    }
    rows.push(row);
    console.error(row.join(' | '));
  }
  if (rows.length === 0) return '';
  const head = [
    `${WATCHERS} watchers of one object`,
    'median ms',
    'p99 ms',
    'CPU ms of a write',
    'longest hold ms',
  ];
  const beside = peer ? ['median', 'p99'].map((what) => `${what} / ${peer.name}`) : [];
  return table([...head, ...beside], rows);
}

/** Measurements of this server alone, which is stopped afterwards. */
async function figures({ local }: Run, folder: string, readyMB: number): Promise<string> {
  await inBatches(OBJECTS, (i) =>
    call(local, { method: 'POST', path: CONFIG_MAPS, body: JSON.stringify(configMap(`filler-${i}`)) }),
  );
  await local.longestHoldMs();
  await call(local, { method: 'GET', path: CONFIG_MAPS });
  const held = await local.longestHoldMs();
  const fullMB = local.residentMB();
  await local.stop();
  const kept = join(folder, 'kept');
  await (await startLocal(kept, [])).stop();
  const second = await startLocal(kept, []);
  await sleep(IDLE_MS);
  const idleMB = second.residentMB();
  await second.stop();
  return table(
    ['other figures', ''],
    [
      ['start to ready, empty', `${local.readyMs} ms`],
      ['start to ready, with its certificates and first objects there', `${second.readyMs} ms`],
      ['resident memory, ready', `${readyMB} MB`],
      [`resident memory, idle for ${IDLE_MS / 1000} s`, `${idleMB} MB`],
      [`resident memory, ${OBJECTS} objects listed`, `${fullMB} MB`],
      [`LIST of ${OBJECTS} objects at once holds the event loop for`, `${held.toFixed(0)} ms`],
    ],
  );
}

async function startBare(
  folder: string,
  answers: Record<string, string>,
): Promise<Target & { readonly child: ChildProcess }> {
  const child = spawn(process.execPath, [resolve('test/bench/server/bare-server.mjs')], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const pki = (name: string) => readFileSync(join(folder, 'pki/default', name), 'utf8');
  child.stdin.end(JSON.stringify({ key: pki('apiserver.key'), cert: pki('apiserver.crt'), answers }));
  const [port] = (await once(child.stdout, 'data')) as [Buffer];
  return {
    name: 'bare',
    url: `https://127.0.0.1:${port.toString().trim()}`,
    tls: { ca: pki('ca.crt'), cert: pki('admin.crt'), key: pki('admin.key') },
    pids: () => [child.pid!],
    child,
  };
}

function averaged(rounds: readonly Measured[]): Measured {
  const mean = (of: (measured: Measured) => number) =>
    rounds.reduce((sum, measured) => sum + of(measured), 0) / rounds.length;
  return {
    perSecond: mean(({ perSecond }) => perSecond),
    medianMs: mean(({ medianMs }) => medianMs),
    p99Ms: mean(({ p99Ms }) => p99Ms),
    bytes: mean(({ bytes }) => bytes),
    failures: rounds.reduce((sum, { failures }) => sum + failures, 0),
    cpuMs: rounds.some(({ cpuMs }) => cpuMs === undefined) ? undefined : mean(({ cpuMs }) => cpuMs!),
  };
}

const percent = (part: number, whole: number) => `${Math.round((100 * part) / whole)} %`;
const times = (own: number | undefined, theirs: number | undefined) =>
  own === undefined || theirs === undefined ? '' : `${(own / theirs).toFixed(2)}`;

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}
