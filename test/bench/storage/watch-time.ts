/** The delay from a commit to its delivery: within a process, across processes, to many watchers. */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline';
import type { Watch } from '../../../shared/storage/storage.ts';
import { type Bench, elapsedMs, markdownTable, median, type Thing, thing, things } from './bench-table.ts';

const ROUNDS = 41;
const WATCHERS = 1_000;

export async function watchTime(bench: Bench): Promise<string> {
  const rows = [
    ['same process', (await sameProcess(bench)).toFixed(2)],
    ['another process, busy (its poll every 50 ms)', (await otherProcess(bench, 30)).toFixed(1)],
    ['another process, idle (its poll every second)', (await otherProcess(bench, 3_000, 5)).toFixed(0)],
  ];
  const many = await manyWatchers(bench);
  return `${markdownTable(['from the commit to its delivery', 'ms, median'], rows)}

${many}`;
}

async function sameProcess(bench: Bench): Promise<number> {
  const storage = bench.newFactory().storageFor(things('watched'));
  const watch = await storage.watch({ prefix: '', sendInitialEvents: false });
  const events = watch[Symbol.asyncIterator]();
  const times: number[] = [];
  for (let n = 0; n < ROUNDS; n++) {
    const next = events.next().then(() => performance.now());
    const committed = storage.create(`ns/${n}`, thing('w', 1_000)).then(() => performance.now());
    times.push((await next) - (await committed));
  }
  watch.stop();
  // A watcher in the same process may be notified before the writer.
  return Math.max(0, median(times));
}

/** Another process writes every `pauseMs` and reports when its write was acknowledged, by a clock both share. */
async function otherProcess(bench: Bench, pauseMs: number, rounds = ROUNDS): Promise<number> {
  const name = `watched-from-afar-${pauseMs}`;
  const storage = bench.newFactory().storageFor(things(name));
  const watch = await storage.watch({ prefix: '', sendInitialEvents: false });
  const events = watch[Symbol.asyncIterator]();
  const orders = JSON.stringify({ ...bench.place, name, pauseMs, rounds });
  const child = spawn(
    process.execPath,
    [resolve('infra/build/run.mjs'), 'test/bench/storage/far-writer.ts', orders],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  const exited = once(child, 'exit');
  const committed: number[] = [];
  createInterface({ input: child.stdout }).on('line', (line) => committed.push(Number(line)));
  const delivered: number[] = [];
  while (delivered.length < rounds) {
    await events.next();
    delivered.push(sharedNow());
  }
  await exited;
  watch.stop();
  return median(delivered.map((at, n) => at - committed[n]!));
}

/** Milliseconds by a clock shared by all processes of the machine. */
const sharedNow = () => Number(process.hrtime.bigint() / 1_000n) / 1_000;

async function manyWatchers(bench: Bench): Promise<string> {
  const calls: string[] = [];
  const factory = bench.newFactory({ onCapacity: (operation) => calls.push(operation) });
  const storage = factory.storageFor(things('watched-by-many'));
  const watches: Watch<Thing>[] = [];
  for (let n = 0; n < WATCHERS; n++)
    watches.push(await storage.watch({ prefix: '', sendInitialEvents: false }));
  const iterators = watches.map((watch) => watch[Symbol.asyncIterator]());
  await storage.create('ns/first', thing('w', 1_000));
  await Promise.all(iterators.map((iterator) => iterator.next()));
  const rounds = 10;
  calls.length = 0;
  let delivered = 0;
  const ms = await elapsedMs(async () => {
    for (let n = 0; n < rounds; n++) {
      const all = iterators.map((iterator) => iterator.next());
      await storage.create(`ns/${n}`, thing('w', 1_000));
      for (const { done } of await Promise.all(all)) if (!done) delivered++;
    }
  });
  for (const watch of watches) watch.stop();
  return `${WATCHERS} watches of one resource: ${delivered} of ${WATCHERS * rounds} events delivered, ${(ms / rounds).toFixed(1)} ms from the start of each write until all had it; ${calls.length} calls to DynamoDB for ${rounds} writes.`;
}
