/**
 * A consistent list from memory, compared with its lower bound: joining the same bytes, and one read of an empty tail.
 */

import { SDKDynamoDBTable } from '../../../shared/storage/dynamodb/sdk-dynamodb-table.ts';
import { type Bench, elapsedMs, markdownTable, median, thing, things } from './bench-table.ts';

const OBJECTS = 5_000;
const SIZE = 300;
const ROUNDS = 41;

export async function listTime(bench: Bench): Promise<string> {
  const storage = bench.newFactory().storageFor(things('listed'));
  await Promise.all(
    Array.from({ length: OBJECTS }, (_, n) => storage.create(`ns/${n}`, thing(`${n}`, SIZE))),
  );
  const { items } = await storage.list({ prefix: '' });
  const table = new SDKDynamoDBTable(bench.place);
  const comma = Buffer.from(',');
  const join = (parts: readonly { readonly bytes: Uint8Array }[]) =>
    Buffer.concat(parts.flatMap(({ bytes }) => [bytes, comma]));
  const emptyTail = () => table.query({ pk: 'nothing', from: '0', to: '~', consistent: true });
  const times = { list: [] as number[], least: [] as number[] };
  // Alternating, so that both see the same machine load.
  for (let round = 0; round < ROUNDS; round++) {
    times.list.push(await elapsedMs(async () => join((await storage.list({ prefix: '' })).items)));
    times.least.push(
      await elapsedMs(async () => {
        await emptyTail();
        join(items);
      }),
    );
  }
  table.close();
  const [list, least] = [median(times.list), median(times.least)];
  return `${markdownTable(
    ['', 'ms'],
    [
      [`consistent list of ${OBJECTS} objects from memory, joined`, list.toFixed(2)],
      ['joining the same bytes, and one read of an empty tail', least.toFixed(2)],
    ],
  )}

Ratio ${(list / least).toFixed(2)}, medians of ${ROUNDS} rounds.`;
}
