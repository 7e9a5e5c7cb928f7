import { beforeEach, expect, test } from 'vitest';
import { CircuitBreakerTable } from '../../../shared/storage/dynamodb/circuit-breaker-table.ts';
import {
  type DynamoDBTable,
  TableError,
  type TableErrorKind,
} from '../../../shared/storage/dynamodb/dynamodb-table.ts';
import { DEFAULT_PROTOCOL } from '../../../shared/storage/dynamodb/protocol.ts';
import { retry } from '../../../shared/storage/dynamodb/retry.ts';
import { isStorageError } from '../../../shared/storage/errors.ts';
import type { Clock } from '../../../shared/util/clock.ts';

let now = 0;
let asked: string[] = [];
let refusal: TableErrorKind | undefined;
let table: CircuitBreakerTable;
beforeEach(() => {
  [now, asked, refusal] = [0, [], undefined];
  const answer = async (pk: string) => {
    asked.push(pk);
    if (refusal !== undefined) throw new TableError(refusal, 'refused');
    return undefined as never;
  };
  const refusing = {
    get: ({ pk }) => answer(pk),
    query: ({ pk }) => answer(pk),
    allocate: ({ pk }) => answer(pk),
    transact: () => answer('transact'),
    write: () => answer('write'),
  } as Partial<DynamoDBTable> as DynamoDBTable;
  table = new CircuitBreakerTable(refusing, clock);
});

/** Sleeping advances the clock without real time. */
const clock: Clock = {
  now: () => now,
  monotonic: () => now,
  random: () => 1,
  sleep: async (ms) => {
    now += ms;
  },
};

const read = (pk = 'a') =>
  retry({ clock, protocol: DEFAULT_PROTOCOL }, () => table.get({ pk, sk: '-' }, { consistent: true })).then(
    () => 'answered',
    (error: unknown) => (isStorageError(error) ? `${error.code} at ${now}` : String(error)),
  );

test.each<[TableErrorKind, string]>([
  ['Throttled', 'Throttled'],
  ['Ambiguous', 'Timeout'],
  ['Unreachable', 'Timeout'],
])(
  'after only %s, waiting callers are refused after a second, and new ones immediately',
  async (kind, code) => {
    refusal = kind;
    expect(await read()).toBe(`${code} at 1270`);
    const before = asked.length;
    expect(await Promise.all([read(), read(), read()])).toEqual(Array(3).fill(`${code} at 1270`));
    expect(asked.length).toBe(before);
  },
);

test('one caller probes every second, and all continue when it is over', async () => {
  refusal = 'Throttled';
  await read();
  const before = asked.length;
  now += 1_000;
  await Promise.all([read(), read(), read()]);
  expect(asked.length).toBe(before + 1);
  now += 1_000;
  refusal = undefined;
  expect([await read(), await read()]).toEqual(['answered', 'answered']);
});

test('other partitions are unaffected, and so are calls in flight', async () => {
  refusal = 'Throttled';
  await read();
  refusal = undefined;
  asked = [];
  expect(await read('b')).toBe('answered');
  await table.transact([], { notAfter: 0 });
  await table.write({ delete: { pk: 'a', sk: '-' } });
  await expect(
    table.allocate({ pk: 'a', sk: '-', count: 1, at: 0, format: 1, last: { since: 0 } }),
  ).rejects.toThrow('partition a accepts no requests at the moment');
  expect(asked).toEqual(['b', 'transact', 'write']);
});

test('errors between successes, and failed conditions, do not count', async () => {
  for (let round = 0; round < 10; round++) {
    refusal = round % 2 === 0 ? 'Throttled' : 'ConditionFailed';
    await table.get({ pk: 'a', sk: '-' }, { consistent: true }).catch(() => {});
    now += 1_000;
  }
  expect(asked.length).toBe(10);
});
