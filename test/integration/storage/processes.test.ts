import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import type { Item } from '../../../shared/storage/dynamodb/dynamodb-table.ts';
import { decodePart, FIRST_KEY, LAST_KEY } from '../../../shared/storage/dynamodb/layout.ts';
import { SDKDynamoDBTable } from '../../../shared/storage/dynamodb/sdk-dynamodb-table.ts';
import { newTestTable } from '../../fixtures/storage.ts';
import { buildWorker, WorkerProcess } from '../../fixtures/worker-process.ts';
import { type CheckedTable, check } from '../../simulation/checker.ts';
import { History, type WatchRun } from '../../simulation/history.ts';
import type { WorkerOrders, WorkerReport } from './storage-worker.ts';

const PROCESSES = 4;
const RESOURCES = 2;
const RUN_MS = 3_000;

let program: string;
beforeAll(async () => {
  program = await buildWorker(join(import.meta.dirname, 'storage-worker.ts'));
});

const worker = (orders: WorkerOrders) => new WorkerProcess(program, orders);

test('several processes, one of them killed: every history agrees with the log', {
  timeout: 60_000,
}, async () => {
  const place = await newTestTable();
  const workers = Array.from({ length: PROCESSES + 1 }, (_, n) => {
    const keys = ['a/0', 'b/0', 'a/1', 'b/1', 'a/2'];
    return worker({ ...place, name: `P${n}`, seed: 100 + n, resources: RESOURCES, clients: 3, keys });
  });
  const victim = workers.pop()!;
  await Promise.all([...workers, victim].map((worker) => worker.hear()));
  await sleep(RUN_MS / 2);
  victim.kill();
  await sleep(RUN_MS / 2);
  await Promise.all(workers.map((worker) => worker.tell()));
  const reports = (await Promise.all(workers.map((worker) => worker.tell()))).map(
    (line) => JSON.parse(line) as WorkerReport,
  );

  const skews = new Map(reports.map(({ skewMs }, n) => [`P${n}`, skewMs]));

  for (let resource = 0; resource < RESOURCES; resource++) {
    const resourcePrefix = `/registry/things-${resource}`;
    const history = new History();
    const running = new Set<WatchRun>();
    for (const report of reports) {
      const { operations, running: indexes } = report.resources[resource]!;
      history.operations.push(...operations);
      for (const index of indexes) running.add(operations[index]!.action as WatchRun);
    }
    const table = await readTable(place, resourcePrefix);
    expect(check({ table, history, complete: false, running, skews, resourcePrefix })).toEqual([]);
    // The run was meaningful: all clients made progress.
    expect(table.entries.length).toBeGreaterThan(10);
    expect(history.operations.filter(({ outcome }) => outcome?.type === 'list').length).toBeGreaterThan(3);
    expect(running.size).toBeGreaterThan(0);
  }
});

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** The final contents of the table. */
async function readTable(
  place: { endpoint: string; tableName: string },
  resourcePrefix: string,
): Promise<CheckedTable> {
  const table = new SDKDynamoDBTable(place);
  const partitions = new Map<string, Item[]>();
  for (const pk of [resourcePrefix, `${resourcePrefix}#log`]) {
    const items: Item[] = [];
    let startAfter: string | undefined;
    do {
      const page = await table.query({ pk, from: FIRST_KEY, to: LAST_KEY, startAfter, consistent: true });
      items.push(...page.items);
      startAfter = page.lastKey;
    } while (startAfter !== undefined);
    partitions.set(pk, items);
  }
  table.close();
  const log = partitions.get(`${resourcePrefix}#log`)!;
  return {
    // The time of the writes is unknown.
    isTimed: false,
    entries: log
      .filter(({ sk }) => decodePart(sk) === undefined)
      .map((item) => ({ item, writtenAt: Date.now() })),
    parts: new Map(
      log.flatMap(({ pk, sk, d }) => (decodePart(sk) === undefined ? [] : [[pk + sk, d as Uint8Array]])),
    ),
    all: (pk) => partitions.get(pk) ?? [],
  };
}
