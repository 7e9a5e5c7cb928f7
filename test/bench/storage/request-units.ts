/** The cost of each operation: request units as counted by DynamoDB, and calls. */

import { type Bench, markdownTable, thing, things } from './bench-table.ts';

const SIZE = 3_000;
const LISTED = 500;
const IDLE_MS = 6_000;

export async function requestUnits(bench: Bench): Promise<string> {
  const calls: { operation: string; units: number }[] = [];
  const factory = bench.newFactory({ onCapacity: (operation, units) => calls.push({ operation, units }) });
  const config = things('units');
  const storage = factory.storageFor(config);
  const rows: string[][] = [];
  const measure = async (name: string, work: () => Promise<unknown>, per = 1) => {
    calls.length = 0;
    await work();
    const sum = (wanted: boolean) =>
      calls
        .filter(({ operation }) => /^(get|query)$/.test(operation) === wanted)
        .reduce((all, { units }) => all + units, 0) / per;
    const order = calls.map(({ operation }) => operation);
    rows.push([
      name,
      spell(sum(false)),
      spell(sum(true)),
      spell(calls.length / per),
      per === 1 ? spellOrder(order) : '',
    ]);
  };
  const update = (n: number) => async () =>
    await storage.guaranteedUpdate('ns/a', {
      tryUpdate: async (current) => ({
        object: { ...current!, data: current!.data.replace(/\d/, String(n)) },
      }),
    });

  await storage.create('ns/warm', thing('warm', SIZE));
  await measure('create', () => storage.create('ns/a', thing('a', SIZE)));
  await measure('get', () => storage.get('ns/a'));
  await measure('update, after reading', update(1));
  const cached = await storage.get('ns/a');
  await measure('update of a state that was just read', () =>
    storage.guaranteedUpdate('ns/a', {
      cached,
      tryUpdate: async (current) => ({ object: { ...current!, data: `${current!.data}!` } }),
    }),
  );
  await measure('update that changes nothing', () =>
    storage.guaranteedUpdate('ns/a', { tryUpdate: async (current) => ({ object: current! }) }),
  );
  await measure('delete', () => storage.delete('ns/a'));
  await measure('create of a name that exists', () =>
    storage.create('ns/warm', thing('warm', SIZE)).catch(() => {}),
  );
  await measure(
    '49 creates at once, each',
    () => Promise.all(Array.from({ length: 49 }, (_, n) => storage.create(`ns/b-${n}`, thing('b', SIZE)))),
    49,
  );
  await Promise.all(
    Array.from({ length: LISTED - 50 }, (_, n) => storage.create(`ns/c-${n}`, thing('c', SIZE))),
  );
  const newcomer = bench
    .newFactory({ onCapacity: (operation, units) => calls.push({ operation, units }) })
    .storageFor(config);
  await measure(`list of ${LISTED}, by a process that has read nothing`, () => newcomer.list({ prefix: '' }));
  await measure(`list of ${LISTED}, from memory`, () => newcomer.list({ prefix: '' }));
  await measure('get, from memory', () => newcomer.get('ns/warm'));
  await measure('watch started at the newest revision', async () => {
    const watch = await newcomer.watch({ prefix: '', sendInitialEvents: false });
    watch.stop();
  });
  const watch = await newcomer.watch({ prefix: '', sendInitialEvents: false });
  const next = watch[Symbol.asyncIterator]().next();
  await sleep(5_000);
  await measure(
    'idle minute of watches of one resource, however many',
    () => sleep(IDLE_MS),
    IDLE_MS / 60_000,
  );
  watch.stop();
  await next;
  await measure('idle minute without a watch', () => sleep(1_000), 1 / 60);
  return `${markdownTable(['operation', 'write units', 'read units', 'calls', 'in order'], rows)}

Objects of ${SIZE / 1_000} KB as JSON; transactions count twice, as DynamoDB charges them. From \`ReturnConsumedCapacity\` of the embedded DynamoDB, whose rounding is DynamoDB's.`;
}

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const spell = (value: number) => String(Math.round(value * 10) / 10);

/** Collapses repeated calls of the same operation. */
function spellOrder(order: readonly string[]): string {
  const runs: { operation: string; times: number }[] = [];
  for (const operation of order) {
    const last = runs.at(-1);
    if (last?.operation === operation) last.times++;
    else runs.push({ operation, times: 1 });
  }
  return runs.map(({ operation, times }) => (times === 1 ? operation : `${times} × ${operation}`)).join(', ');
}
