/** Objects written per second, compared with the emulator's rate of single transactions in the same run. */

import { SDKDynamoDBTable } from '../../../shared/storage/dynamodb/sdk-dynamodb-table.ts';
import { type Bench, elapsedMs, markdownTable, thing, things } from './bench-table.ts';

const SIZE = 1_000;
const WRITERS = [1, 16, 128];
const RESOURCES = [1, 8];
const WRITES = 2_560;

export async function writeRates(bench: Bench): Promise<string> {
  const raw = await rawRate(bench);
  const rows: (string | number)[][] = [];
  let atMost = 0;
  for (const resources of RESOURCES) {
    for (const writers of WRITERS) {
      const rate = await storageRate(bench, { writers, resources });
      atMost = Math.max(atMost, writers === 128 && resources === 1 ? rate : 0);
      rows.push([resources, writers, Math.round(rate), (rate / raw).toFixed(1)]);
    }
  }
  return `${markdownTable(['resources', 'writers', 'objects a second', 'to the raw rate'], rows)}

Raw rate: ${Math.round(raw)} transactions a second, one after the other, each of two items as a write of one object has. At 128 writers of one resource the storage writes ${(atMost / raw).toFixed(1)} times as many objects.`;
}

/** Sequential transactions with the items of a single create. */
async function rawRate({ place }: Bench): Promise<number> {
  const table = new SDKDynamoDBTable(place);
  const d = Buffer.from(JSON.stringify(thing('raw', SIZE)));
  const write = (n: number) =>
    table.transact(
      [
        { put: { pk: 'raw', sk: `${n}`, rv: n, d }, condition: { kind: 'absent' } },
        { put: { pk: 'raw#log', sk: `${n}`, rv: n, d }, condition: { kind: 'absent' } },
      ],
      { notAfter: Number.MAX_SAFE_INTEGER },
    );
  const writes = 400;
  for (let n = 0; n < 50; n++) await write(n);
  const ms = await elapsedMs(async () => {
    for (let n = 50; n < 50 + writes; n++) await write(n);
  });
  table.close();
  return (writes / ms) * 1_000;
}

async function storageRate(
  bench: Bench,
  { writers, resources }: { writers: number; resources: number },
): Promise<number> {
  const factory = bench.newFactory();
  const storages = Array.from({ length: resources }, (_, n) =>
    factory.storageFor(things(`writes-${writers}-${resources}-${n}`)),
  );
  // A single writer is slow, and fewer writes are sufficient.
  const each = Math.ceil(Math.min(WRITES, writers * 200) / writers);
  const ms = await elapsedMs(() =>
    Promise.all(
      Array.from({ length: writers }, async (_, writer) => {
        const storage = storages[writer % resources]!;
        for (let n = 0; n < each; n++) await storage.create(`ns/${writer}-${n}`, thing('w', SIZE));
      }),
    ),
  );
  return ((each * writers) / ms) * 1_000;
}
