/**
 * One of several processes that use the same resources: writes, lists and watches as drawn from its seed until told to
 * stop, then reports its history. Run by processes.test.ts.
 */

import { once } from 'node:events';
import { SDKStorageFactory } from '../../../shared/storage/dynamodb/sdk-storage-factory.ts';
import { Client } from '../../simulation/client.ts';
import { History, type WatchRun } from '../../simulation/history.ts';
import { Random } from '../../simulation/random.ts';
import { CONFIG } from '../../simulation/things.ts';
import { act } from '../../simulation/workload.ts';

export interface WorkerOrders {
  readonly name: string;
  readonly seed: number;
  readonly endpoint: string;
  readonly tableName: string;
  readonly resources: number;
  readonly clients: number;
  readonly keys: readonly string[];
}

export interface WorkerReport {
  /** Milliseconds by which its clock is ahead of the times in its histories. */
  readonly skewMs: number;
  /** Per resource: its operations, and the watches that were still running. */
  readonly resources: { readonly operations: History['operations']; readonly running: number[] }[];
}

const orders = JSON.parse(process.argv[2]!) as WorkerOrders;
const random = new Random(orders.seed);
const factory = new SDKStorageFactory({
  endpoint: orders.endpoint,
  tableName: orders.tableName,
  windowBytes: random.pick([0, 20_000, 4_000_000]),
  memoryBytes: random.pick([0, 256_000_000]),
  protocol: { freshnessMs: 300, bookmarkMs: 500 },
});
// A clock shared by all processes of a machine.
const now = () => Number(process.hrtime.bigint() / 1_000n) / 1_000;
const sleep = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));
/** Pauses as in the simulation, sped up; none when stopping. */
const dawdle = (ms: number) => (stopping ? Promise.resolve() : sleep(ms / 50));
let stopping = false;
let tokens = 0;

const resources = Array.from({ length: orders.resources }, (_, n) => ({
  config: { ...CONFIG, resourcePrefix: `/registry/things-${n}` },
  history: new History(),
  running: new Set<WatchRun>(),
}));

async function live(client: Client): Promise<void> {
  while (!stopping) {
    await act(client, { random, keys: orders.keys, sleep: dawdle });
    await sleep(random.between(0, random.pick([1, 20])));
  }
}

const clients = resources.flatMap(({ config, history, running }, resource) =>
  Array.from({ length: orders.clients }, (_, n) => {
    return new Client({
      name: `C${resource}.${n}`,
      process: orders.name,
      factory,
      config,
      now,
      history,
      running,
      newToken: () => `${orders.name}-${++tokens}`,
    });
  }),
);
const lives = clients.map(live);
console.log('ready');
// The parent process has exited.
process.stdin.once('end', () => process.exit(1));
await once(process.stdin, 'data');
stopping = true;
await Promise.all(lives);
console.log('stopped');
await once(process.stdin, 'data');
// All have stopped: the watches only have to catch up, which their bookmarks show.
for (const { config, running } of resources) {
  const { resourceVersion } = await factory.storageFor(config).list({ prefix: '' });
  const behind = () => [...running].some((run) => lastRevision(run) < resourceVersion);
  for (let waited = 0; behind() && waited < 20_000; waited += 50) await sleep(50);
}
const report: WorkerReport = {
  skewMs: Date.now() - now(),
  resources: resources.map(({ history, running }) => ({
    operations: history.operations,
    running: history.operations.flatMap(({ action }, index) =>
      action.kind === 'watch' && running.has(action) ? index : [],
    ),
  })),
};
process.stdout.write(`${JSON.stringify(report)}\n`, () => process.exit(0));

function lastRevision({ events, from = 0 }: WatchRun): number {
  const last = events.at(-1);
  if (last === undefined) return from;
  return last.type === 'BOOKMARK' ? last.revision : last.sighting.revision;
}
