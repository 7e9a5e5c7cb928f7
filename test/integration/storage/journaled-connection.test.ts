/**
 * The journal of the embedded store: whatever is acknowledged is read back, in order with all other writes, at once and
 * after crashes at any moment.
 */

import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  type EmbeddedDynamoDB,
  startEmbeddedDynamoDB,
} from '../../../infra/local/dynamodb/embedded-dynamodb.ts';
import { Journal } from '../../../infra/local/dynamodb/journal.ts';
import { JournaledConnection } from '../../../infra/local/dynamodb/journaled-connection.ts';
import type { JSONConnection } from '../../../infra/local/dynamodb/piped-connection.ts';
import { ConnectedTable } from '../../../shared/storage/dynamodb/connected-table.ts';
import { type Item, isTableError } from '../../../shared/storage/dynamodb/dynamodb-table.ts';
import { newLogger } from '../../../shared/util/logger.ts';
import { Random } from '../../simulation/random.ts';

const LATER = Number.MAX_SAFE_INTEGER;
let emulator: EmbeddedDynamoDB;
let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'zeroplane-'));
  emulator = await startEmbeddedDynamoDB();
});
afterAll(async () => {
  await emulator.stop();
  rmSync(folder, { recursive: true });
});

/** A process in front of the emulator; after `crash` nothing it sends has an effect. */
async function start(name: string) {
  const said: string[] = [];
  const calls: string[] = [];
  let isDead = false;
  let failures = 0;
  let held = Promise.resolve();
  const { connection } = emulator;
  const call = async <T>(name: string, answer: () => Promise<T>): Promise<T> => {
    if (isDead) return await new Promise(() => {});
    calls.push(name);
    if (name === 'PutItem') await held;
    if (failures-- > 0) throw Object.assign(new Error('refused'), { name: 'ECONNREFUSED' });
    return await answer();
  };
  const inner: JSONConnection = {
    bytes: connection!.bytes,
    send: (operation, input, options) => call(operation, () => connection!.send(operation, input, options)),
    transactJSON: (items) =>
      call('applied', async () => {
        const TransactItems = items.map((item) => JSON.parse(item) as object);
        await connection!.send('TransactWriteItems', { TransactItems });
      }),
    close: () => {},
  };
  const logger = newLogger(({ message }) => said.push(message));
  const journaled = new JournaledConnection({ connection: inner, logger });
  const path = join(folder, name);
  await journaled.use(new Journal(path));
  return {
    said,
    calls,
    path,
    table: new ConnectedTable(journaled, { tableName: name }),
    flush: () => journaled.flush(),
    close: () => journaled.close(),
    crash: () => {
      isDead = true;
      journaled.close();
    },
    /** Delays single writes until the returned function is called. */
    hold: () => {
      let release = () => {};
      held = new Promise((resolve) => {
        release = resolve;
      });
      return release;
    },
    fail: (count: number) => {
      failures = count;
    },
  };
}

type Process = Awaited<ReturnType<typeof start>>;

const claimOf = (resource: string, from: number) => ({
  claim: { pk: `${resource}#head`, sk: '-', from, count: 1, at: 5_000, format: 1, quiet: false },
});

/** Writes an object under the revision after `from`, as a storage does that knows the resource. */
function commit({ table }: Process, resource: string, from: number, put: Item): Promise<void> {
  const entry = { pk: `${resource}#log`, sk: String(from + 1), key: put.sk };
  const writes = [{ put }, { put: entry, condition: { kind: 'absent' as const } }, claimOf(resource, from)];
  return table.transact(writes, { notAfter: LATER, isProven: true });
}

/** The first transaction of a sequence is evaluated by the emulator; later ones are journaled. */
async function begin(process: Process, resource: string): Promise<void> {
  await process.table.create();
  await commit(process, resource, 1, { pk: resource, sk: 'first', rv: 2 });
  process.calls.length = 0;
}

const get = ({ table }: Process, pk: string, sk: string) => table.get({ pk, sk }, { consistent: true });

test('a proven transaction is acknowledged before the emulator has it, and read as if it had', async () => {
  const process = await start('acknowledged');
  await begin(process, 'R');
  await commit(process, 'R', 2, { pk: 'R', sk: 'a', rv: 3 });
  await commit(process, 'R', 3, { pk: 'R', sk: 'b', rv: 4 });
  expect(process.calls).toEqual([]);
  expect(await get(process, 'other', 'a')).toBeUndefined();
  expect(process.calls).toEqual(['GetItem']);
  const { items } = await process.table.query({ pk: 'R', from: 'a', to: 'b', consistent: true });
  expect(items.map(({ sk }) => sk)).toEqual(['a', 'b']);
  expect(process.calls).toEqual(['GetItem', 'applied', 'Query']);
  await process.flush();
  process.close();
});

test('a transaction that does not follow the last one of its sequence is evaluated', async () => {
  const process = await start('evaluated');
  await begin(process, 'R');
  await commit(process, 'R', 2, { pk: 'R', sk: 'a', rv: 3 });
  const stale = await commit(process, 'R', 2, { pk: 'R', sk: 'b', rv: 3 }).catch((error: unknown) => error);
  expect(isTableError(stale, 'Canceled')).toBe(true);
  expect(await get(process, 'R', 'b')).toBeUndefined();
  // Another way to take revisions ends the sequence.
  await process.table.allocate({ pk: 'R#head', sk: '-', count: 1, at: 5_000, format: 1, last: { since: 0 } });
  const outrun = await commit(process, 'R', 3, { pk: 'R', sk: 'b', rv: 4 }).catch((error: unknown) => error);
  expect(isTableError(outrun, 'Canceled')).toBe(true);
  process.close();
});

test('an unproven transaction is evaluated after all journaled ones', async () => {
  const process = await start('unproven');
  await begin(process, 'R');
  await commit(process, 'R', 2, { pk: 'R', sk: 'a', rv: 3 });
  const writes = [
    { put: { pk: 'R', sk: 'a', rv: 4 }, condition: { kind: 'revision' as const, rv: 3 } },
    claimOf('R', 3),
  ];
  await process.table.transact(writes, { notAfter: LATER });
  expect(await get(process, 'R', 'a')).toEqual({ pk: 'R', sk: 'a', rv: 4 });
  process.close();
});

test('journaled writes survive a crash, and so do later writes to the same items', async () => {
  const killed = await start('crashed');
  await begin(killed, 'R');
  await commit(killed, 'R', 2, { pk: 'R', sk: 'a', rv: 3 });
  await commit(killed, 'R', 3, { pk: 'R', sk: 'b', rv: 4 });
  await killed.table.write({ put: { pk: 'R', sk: 'a', rv: 99 } });
  await commit(killed, 'R', 4, { pk: 'R', sk: 'c', rv: 5 });
  killed.crash();
  const process = await start('crashed');
  const { items } = await process.table.query({ pk: 'R', from: 'a', to: 'z', consistent: true });
  expect(items.map(({ sk, rv }) => [sk, rv])).toEqual([
    ['a', 99],
    ['b', 4],
    ['c', 5],
    ['first', 2],
  ]);
  expect(await get(process, 'R#head', '-')).toMatchObject({ next: 5 });
  process.close();
});

test('of a damaged journal, the writes before the damage are applied, and nothing is started', async () => {
  const killed = await start('damaged');
  await begin(killed, 'R');
  await commit(killed, 'R', 2, { pk: 'R', sk: 'a', rv: 3 });
  const at = statSync(killed.path).size;
  await commit(killed, 'R', 3, { pk: 'R', sk: 'b', rv: 4 });
  killed.crash();
  const bytes = readFileSync(killed.path);
  bytes[at + 100]! ^= 1;
  writeFileSync(killed.path, bytes);
  for (let tries = 0; tries < 2; tries++) {
    await expect(start('damaged')).rejects.toThrow(`the journal ${killed.path} is damaged at byte ${at}:`);
  }
  expect(readFileSync(killed.path)).toEqual(bytes);
  rmSync(killed.path);
  const process = await start('damaged');
  expect(await get(process, 'R', 'a')).toEqual({ pk: 'R', sk: 'a', rv: 3 });
  expect(await get(process, 'R', 'b')).toBeUndefined();
  process.close();
});

test('a journal that was removed while it was in use holds all acknowledged writes after a crash', async () => {
  const killed = await start('removed');
  await begin(killed, 'R');
  await commit(killed, 'R', 2, { pk: 'R', sk: 'a', rv: 3 });
  rmSync(killed.path);
  await commit(killed, 'R', 3, { pk: 'R', sk: 'b', rv: 4 });
  killed.crash();
  const process = await start('removed');
  expect(await get(process, 'R', 'a')).toEqual({ pk: 'R', sk: 'a', rv: 3 });
  expect(await get(process, 'R', 'b')).toEqual({ pk: 'R', sk: 'b', rv: 4 });
  process.close();
});

test('a transaction of an item to which another write is in flight is not journaled', async () => {
  const killed = await start('concurrent');
  await begin(killed, 'R');
  const release = killed.hold();
  const written = killed.table.write({ put: { pk: 'R', sk: 'a', rv: 99 } });
  await commit(killed, 'R', 2, { pk: 'R', sk: 'a', rv: 3 });
  await commit(killed, 'R', 3, { pk: 'R', sk: 'b', rv: 4 });
  release();
  await written;
  killed.crash();
  const process = await start('concurrent');
  expect(await get(process, 'R', 'a')).toEqual({ pk: 'R', sk: 'a', rv: 99 });
  expect(await get(process, 'R', 'b')).toEqual({ pk: 'R', sk: 'b', rv: 4 });
  process.close();
});

test('an emulator that is away delays reads, but loses nothing', async () => {
  const process = await start('away');
  await begin(process, 'R');
  await commit(process, 'R', 2, { pk: 'R', sk: 'a', rv: 3 });
  process.fail(2);
  expect(await get(process, 'R', 'a')).toEqual({ pk: 'R', sk: 'a', rv: 3 });
  expect(process.said).toEqual(['journaled writes wait for the emulator: refused']);
  process.close();
});

test('the journal is emptied soon after the last write, and deleted at the end', async () => {
  const process = await start('idle');
  await begin(process, 'R');
  await commit(process, 'R', 2, { pk: 'R', sk: 'a', rv: 3 });
  await expect.poll(() => statSync(process.path).size).toBe(0);
  expect(process.calls).toEqual(['applied']);
  process.close();
  expect(existsSync(process.path)).toBe(false);
});

test('transactions of any size are journaled, and applied when they are many bytes together', async () => {
  const process = await start('large');
  await begin(process, 'R');
  const large = 'x'.repeat(300_000);
  const commits = 30;
  for (let n = 0; n < commits; n++) {
    await commit(process, 'R', 2 + n, { pk: 'R', sk: `large-${n}`, rv: 3 + n, large });
    if (n === 5) expect(statSync(process.path).size).toBeGreaterThan(6 * 300_000);
  }
  expect(new Set(process.calls)).toEqual(new Set(['applied']));
  expect(statSync(process.path).size).toBeLessThan(9_000_000);
  expect((await get(process, 'R', `large-${commits - 1}`))?.['large']).toBe(large);
  await process.flush();
  process.close();
});

test('writes of a deleted table are dropped', async () => {
  const killed = await start('deleted');
  await begin(killed, 'R');
  await commit(killed, 'R', 2, { pk: 'R', sk: 'a', rv: 3 });
  killed.crash();
  await new ConnectedTable(emulator.connection!, { tableName: 'deleted' }).remove();
  const process = await start('deleted');
  expect(process.said).toEqual(['1 journaled writes are dropped: their table was deleted']);
  process.close();
});

test('any sequence of writes, reads and crashes reads back what was acknowledged', {
  timeout: 120_000,
}, async () => {
  for (let seed = 1; seed <= 25; seed++) {
    const random = new Random(seed);
    const name = `random-${seed}`;
    let process = await start(name);
    await process.table.create();
    /** The acknowledged items, by partition and sort key. */
    const model = new Map<string, Item>();
    const next = new Map<string, number>();
    const step = async (resource: string): Promise<void> => {
      const sk = `k${random.below(4)}`;
      const key = `${resource}/${sk}`;
      const put = { pk: resource, sk, rv: 1_000 + random.below(1_000_000) };
      const from = next.get(resource) ?? 1;
      const kind = random.pick([
        'commit',
        'commit',
        'commit',
        'write',
        'remove',
        'read',
        'list',
        'pause',
      ] as const);
      if (kind === 'commit') {
        await commit(process, resource, from, put);
        next.set(resource, from + 1);
        model.set(key, put);
      } else if (kind === 'write') {
        await process.table.write({ put });
        model.set(key, put);
      } else if (kind === 'remove') {
        await process.table.write({ delete: { pk: resource, sk } });
        model.delete(key);
      } else if (kind === 'read') {
        expect(await get(process, resource, sk), `${seed}: ${key}`).toEqual(model.get(key));
      } else if (kind === 'list') {
        const { items } = await process.table.query({ pk: resource, from: 'a', to: 'z', consistent: true });
        const expected = [...model]
          .filter(([each]) => each.startsWith(`${resource}/`))
          .map(([, item]) => item);
        expect(items, `${seed}: ${resource}`).toEqual(expected.sort((a, b) => (a.sk < b.sk ? -1 : 1)));
      } else {
        await sleep(random.pick([0, 0, 30, 120]));
      }
    };
    for (let round = 0; round < 12; round++) {
      await Promise.all(
        ['A', 'B'].map(async (resource) => {
          for (let n = random.below(6); n > 0; n--) await step(resource);
        }),
      );
      if (random.chance(0.4)) {
        process.crash();
        process = await start(name);
      }
    }
    process.crash();
    process = await start(name);
    for (const resource of ['A', 'B']) {
      const { items } = await process.table.query({ pk: resource, from: 'a', to: 'z', consistent: true });
      const expected = [...model.values()].filter(({ pk }) => pk === resource);
      expect(items, `${seed}`).toEqual(expected.sort((a, b) => (a.sk < b.sk ? -1 : 1)));
      const { items: entries } = await process.table.query({
        pk: `${resource}#log`,
        from: '0',
        to: 'z',
        consistent: true,
      });
      expect(entries.length, `${seed}`).toBe((next.get(resource) ?? 1) - 1);
    }
    process.close();
  }
});
