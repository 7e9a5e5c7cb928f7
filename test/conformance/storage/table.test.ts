/** The simulated table behaves like the real one, as far as the log can tell: the same cases run on both. */

import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import {
  type EmbeddedDynamoDB,
  startEmbeddedDynamoDB,
} from '../../../infra/local/dynamodb/embedded-dynamodb.ts';
import { purgeTenant } from '../../../shared/storage/dynamodb/copy-tenant.ts';
import {
  type Allocation,
  type DynamoDBTable,
  FIRST_REVISION,
  type Item,
  TableError,
} from '../../../shared/storage/dynamodb/dynamodb-table.ts';
import { SDKDynamoDBTable } from '../../../shared/storage/dynamodb/sdk-dynamodb-table.ts';
import { SignedDynamoDBTable } from '../../../shared/storage/dynamodb/signed-dynamodb-table.ts';
import { itemsOf, TenantTable } from '../../../shared/storage/dynamodb/tenant-table.ts';
import { WireDynamoDBTable } from '../../../shared/storage/dynamodb/wire-dynamodb-table.ts';
import { newTestTable } from '../../fixtures/storage.ts';
import { Random } from '../../simulation/random.ts';
import { SimulatedConnection } from '../../simulation/simulated-connection.ts';
import { SimulatedTable } from '../../simulation/simulated-table.ts';
import { SimulatedProcess, World } from '../../simulation/world.ts';

const LATER = { notAfter: Number.MAX_SAFE_INTEGER };
const QUERY = { from: '\u0001', to: '\u{10ffff}', consistent: true };
const ABSENT = { kind: 'absent' } as const;

let partitions = 0;
const newPartition = () => `partition-${++partitions}`;
const item = (pk: string, sk: string, rest: Record<string, number | boolean | string | Uint8Array> = {}) =>
  ({ pk, sk, ...rest }) as Item;

/** The kind and cause of a call's failure. */
async function refusal(call: Promise<unknown>) {
  const error = await call.then(
    () => undefined,
    (caught: unknown) => caught,
  );
  if (!(error instanceof TableError)) return error;
  return {
    kind: error.kind,
    ...(error.item === undefined ? {} : { item: error.item }),
    ...(error.reasons.length === 0
      ? {}
      : { reasons: error.reasons.map((reason) => [reason.kind, reason.item]) }),
  };
}

function describeTable(name: string, open: () => Promise<DynamoDBTable>): void {
  describe(name, () => {
    let table: DynamoDBTable;
    beforeAll(async () => {
      table = await open();
    });
    afterAll(() => table.close());

    test('stores every type of attribute', async () => {
      const pk = newPartition();
      const kept = item(pk, 'a', {
        n: 1.5,
        big: 2 ** 53 - 1,
        yes: true,
        no: false,
        s: 'ü\u{1f600}',
        d: Uint8Array.of(0, 255),
      });
      await table.write({ put: kept });
      const read = await table.get({ pk, sk: 'a' }, { consistent: true });
      expect({ ...read, d: [...(read!['d'] as Uint8Array)] }).toEqual({ ...kept, d: [0, 255] });
      expect(await table.get({ pk, sk: 'b' }, { consistent: true })).toBeUndefined();
    });

    test('queries a range in the order of UTF-8 bytes, in both directions, from any key', async () => {
      const pk = newPartition();
      const keys = ['A', 'a', 'a/b', 'b', '\uffee', '\u{1f600}'];
      for (const sk of keys) await table.write({ put: item(pk, sk) });
      const query = async (rest: object) =>
        (await table.query({ pk, ...QUERY, ...rest })).items.map(({ sk }) => sk);
      expect(await query({})).toEqual(keys);
      expect(await query({ descending: true })).toEqual([...keys].reverse());
      expect(await query({ from: 'a', to: 'b' })).toEqual(['a', 'a/b', 'b']);
      expect(await query({ startAfter: 'a/b' })).toEqual(['b', '\uffee', '\u{1f600}']);
      expect(await query({ startAfter: 'a/b', descending: true })).toEqual(['a', 'A']);
      expect(await query({ from: 'c', to: 'd' })).toEqual([]);
    });

    test('returns no more items than requested, and the key to continue from', async () => {
      const pk = newPartition();
      for (const sk of ['a', 'b', 'c']) await table.write({ put: item(pk, sk) });
      const query = async (rest: object) => {
        const { items, lastKey } = await table.query({ pk, ...QUERY, ...rest });
        return [items.map(({ sk }) => sk).join(''), lastKey];
      };
      expect(await query({ limit: 2 })).toEqual(['ab', 'b']);
      expect(await query({ limit: 2, startAfter: 'b' })).toEqual(['c', undefined]);
      expect(await query({ limit: 2, descending: true })).toEqual(['cb', 'b']);
    });

    const STANDING = [
      ['nothing', undefined],
      ['an object', { rv: 5 }],
      ['a tombstone', { rv: 5, del: true }],
    ] as const;
    const CONDITIONS = [
      [ABSENT, ['nothing']],
      [{ kind: 'revision', rv: 5 }, ['an object', 'a tombstone']],
      [{ kind: 'revision', rv: 4 }, []],
      [{ kind: 'absentOrDeadBefore', rv: 6 }, ['nothing', 'a tombstone']],
      [{ kind: 'absentOrDeadBefore', rv: 5 }, ['nothing']],
      [{ kind: 'tombstone', rv: 5 }, ['a tombstone']],
      [{ kind: 'tombstone', rv: 6 }, []],
    ] as const;
    const cases = CONDITIONS.flatMap(([condition, holds]) =>
      STANDING.map(([name, fields]) => ({
        condition,
        name,
        fields,
        holds: (holds as readonly string[]).includes(name),
      })),
    );

    test.each(cases)('$condition over $name: $holds', async ({ condition, fields, holds }) => {
      for (const how of ['put', 'delete', 'transaction'] as const) {
        const pk = newPartition();
        const standing = fields === undefined ? undefined : item(pk, 'a', fields);
        if (standing !== undefined) await table.write({ put: standing });
        const write =
          how === 'delete'
            ? { delete: { pk, sk: 'a' }, condition }
            : { put: item(pk, 'a', { rv: 9 }), condition };
        const call = how === 'transaction' ? table.transact([write], LATER) : table.write(write);
        const told = standing === undefined ? {} : { item: standing };
        expect(await refusal(call)).toEqual(
          holds
            ? undefined
            : how === 'transaction'
              ? { kind: 'Canceled', reasons: [['ConditionFailed', standing]] }
              : { kind: 'ConditionFailed', ...told },
        );
        const after = await table.get({ pk, sk: 'a' }, { consistent: true });
        expect(after).toEqual(!holds ? standing : how === 'delete' ? undefined : item(pk, 'a', { rv: 9 }));
      }
    });

    test('a transaction is atomic', async () => {
      const pk = newPartition();
      await table.write({ put: item(pk, 'b', { rv: 1 }) });
      const writes = ['a', 'b', 'c'].map((sk) => ({ put: item(pk, sk, { rv: 2 }), condition: ABSENT }));
      expect(await refusal(table.transact(writes, LATER))).toMatchObject({
        kind: 'Canceled',
        reasons: [
          ['None', undefined],
          ['ConditionFailed', { sk: 'b', rv: 1 }],
          ['None', undefined],
        ],
      });
      expect((await table.query({ pk, ...QUERY })).items).toEqual([item(pk, 'b', { rv: 1 })]);
      await table.transact([writes[0]!, writes[2]!, { delete: { pk, sk: 'b' } }], LATER);
      expect((await table.query({ pk, ...QUERY })).items.map(({ sk }) => sk)).toEqual(['a', 'c']);
    });

    test('a transaction allocates revisions if the head is unchanged', async () => {
      const pk = newPartition();
      const head = { pk: `${pk}#head`, sk: '-' };
      const claim = { ...head, from: 1, count: 2, at: 5_000, format: 1, quiet: true };
      const wrong = { ...claim, from: 2 };
      const put = { put: item(pk, 'a') };
      await table.transact([put, { claim }], LATER);
      const first = { ...head, next: 3, from: 1, at: 5_000, format: 1, resolved: 1, resolvedAt: 5_000 };
      expect(await table.get(head, { consistent: true })).toEqual(first);
      for (const late of [claim, wrong]) {
        const refused = await refusal(table.transact([{ put: item(pk, 'b') }, { claim: late }], LATER));
        expect(refused).toMatchObject({
          kind: 'Canceled',
          reasons: [
            ['None', undefined],
            ['ConditionFailed', expect.anything()],
          ],
        });
      }
      await table.transact([{ claim: { ...claim, from: 3, count: 1, at: 6_000, quiet: false } }, put], LATER);
      expect(await table.get(head, { consistent: true })).toEqual({ ...first, next: 4, from: 3, at: 6_000 });
      expect((await table.query({ pk, ...QUERY })).items.map(({ sk }) => sk)).toEqual(['a']);
    });

    test('a transaction has at most a hundred writes, and no item twice', async () => {
      const pk = newPartition();
      const writes = Array.from({ length: 101 }, (_, n) => ({ put: item(pk, `${n}`) }));
      expect(await refusal(table.transact(writes, LATER))).toMatchObject({ kind: 'Refused' });
      expect(await refusal(table.transact([writes[0]!, { delete: writes[0]!.put }], LATER))).toMatchObject({
        kind: 'Refused',
      });
      await table.transact(writes.slice(1), LATER);
      const kept: string[] = [];
      for await (const { sk } of itemsOf(table, pk)) kept.push(sk);
      expect(kept).toHaveLength(100);
    });

    test('a transaction past its deadline is not sent', async () => {
      const pk = newPartition();
      expect(await refusal(table.transact([{ put: item(pk, 'a') }], { notAfter: 1_000 }))).toEqual({
        kind: 'TooLate',
      });
      expect((await table.query({ pk, ...QUERY })).items).toEqual([]);
    });

    test('allocates revisions, under load or after idle time', async () => {
      const pk = newPartition();
      const head = { pk, sk: 'heads are told by their whole key' };
      const allocate = (fields: Omit<Allocation, 'pk' | 'sk' | 'format'>, format = 1) =>
        table.allocate({ ...head, format, ...fields });
      expect(await refusal(allocate({ count: 1, at: 100, last: { since: 0 } }))).toMatchObject({
        kind: 'ConditionFailed',
      });
      const first = {
        ...head,
        next: FIRST_REVISION + 2,
        from: FIRST_REVISION,
        at: 100,
        format: 1,
        resolved: FIRST_REVISION,
        resolvedAt: 100,
      };
      expect(await allocate({ count: 2, at: 100, last: { before: 50 } })).toEqual(first);
      expect(await refusal(allocate({ count: 1, at: 200, last: { before: 100 } }))).toMatchObject({
        kind: 'ConditionFailed',
      });
      expect(await allocate({ count: 1, at: 200, last: { since: 100 } })).toEqual({
        ...first,
        next: 4,
        from: 3,
        at: 200,
      });
      const graceful = { ...first, next: 6, from: 4, at: 300, grace: 50, graceTo: 6 };
      expect(await allocate({ count: 2, at: 300, grace: 50, last: { since: 200 } })).toEqual(graceful);
      expect(await refusal(allocate({ count: 1, at: 400, last: { since: 301 } }))).toMatchObject({
        kind: 'ConditionFailed',
      });
      const quiet = { ...graceful, next: 7, from: 6, at: 400, resolved: 6, resolvedAt: 400 };
      expect(await allocate({ count: 1, at: 400, last: { before: 301 } })).toEqual(quiet);
      await table.raiseResolved(head, { resolved: 5, resolvedAt: 9 });
      expect(await table.get(head, { consistent: true })).toEqual(quiet);
      await table.raiseResolved(head, { resolved: 7, resolvedAt: 350 });
      expect(await table.get(head, { consistent: true })).toEqual({
        ...quiet,
        resolved: 7,
        resolvedAt: 350,
      });
      const newer = { ...quiet, next: 8, from: 7, at: 450, format: 2, resolved: 7, resolvedAt: 350 };
      expect(await allocate({ count: 1, at: 450, last: { since: 400 } }, 2)).toEqual(newer);
      for (const last of [{ since: 400 }, { before: 500 }]) {
        expect(await refusal(allocate({ count: 1, at: 500, last }))).toMatchObject({
          kind: 'ConditionFailed',
          item: newer,
        });
      }
    });
  });
}

describeTable('DynamoDB', async () => new SDKDynamoDBTable(await newTestTable()));

describeTable('DynamoDB on the wire', async () => new WireDynamoDBTable(await newTestTable()));

/** Signed requests, as sent by functions; the emulator does not verify signatures. */
class SignedTable extends SignedDynamoDBTable {
  constructor(place: { readonly endpoint: string; readonly tableName: string }) {
    super({ ...place, region: 'us-east-1', credentials: { accessKeyId: 'local', secretAccessKey: 'local' } });
  }
}
describeTable('DynamoDB, signed', async () => new SignedTable(await newTestTable()));

describe('the embedded DynamoDB', () => {
  let emulator: EmbeddedDynamoDB;
  beforeAll(async () => {
    emulator = await startEmbeddedDynamoDB();
  });
  afterAll(() => emulator.stop());

  describeTable('over its pipe', async () => {
    const table = emulator.openTable('piped');
    await table.create();
    return table;
  });

  test('an item over 400 KB fails with TooLarge', async () => {
    const table = emulator.openTable('piped');
    const put = item('big', 'a', { d: new Uint8Array(410_000) });
    expect(await refusal(table.write({ put }))).toMatchObject({ kind: 'TooLarge' });
    expect(await refusal(table.transact([{ put }], LATER))).toMatchObject({ kind: 'TooLarge' });
  });
});

describeTable('the simulated table', async () => {
  const world = new World(new Random(1));
  const process = new SimulatedProcess(world, 'P1', 0);
  const table = new SimulatedTable(world, {});
  const decide = () => ({ effectAfter: 1, answerAfter: 1 });
  let open = true;
  class Running extends SimulatedConnection {
    override close(): void {
      open = false;
    }
  }
  void (async () => {
    while (open) await world.run({ until: world.now + 1_000 });
  })();
  return new Running({ table, process, decide });
});

test.each([SDKDynamoDBTable, WireDynamoDBTable, SignedTable])(
  'an item over 400 KB fails with TooLarge',
  async (Table) => {
    const table = new Table(await newTestTable());
    const put = item('big', 'a', { d: new Uint8Array(410_000) });
    expect(await refusal(table.write({ put }))).toMatchObject({ kind: 'TooLarge' });
    expect(await refusal(table.transact([{ put }], LATER))).toMatchObject({ kind: 'TooLarge' });
    table.close();
  },
);

describeTable(
  "a tenant's part of a table",
  async () => new TenantTable(new SDKDynamoDBTable(await newTestTable()), 'acme.1'),
);

describeTable(
  "a tenant's part of a table that nobody else writes to",
  async () => new TenantTable(new SDKDynamoDBTable(await newTestTable()), 'acme.1', { isAlone: true }),
);

describe('a tenant with a single writer', () => {
  const PODS = '/registry/core/pods';
  const HEAD = { pk: `${PODS}#head`, sk: '-' };
  const LOG = { pk: `${PODS}#log`, from: '\u0001', to: '\u{10ffff}', consistent: true };
  const claim = { ...HEAD, from: 1, count: 1, at: 1, format: 1, quiet: true };
  /** A table, and the keys it was queried for. */
  async function spied() {
    const shared = new SDKDynamoDBTable(await newTestTable());
    const asked: string[] = [];
    for (const name of ['get', 'query'] as const) {
      const call = shared[name].bind(shared) as (request: { pk: string }, ...more: unknown[]) => unknown;
      vi.spyOn(shared, name).mockImplementation(((request: { pk: string }, ...more: unknown[]) => {
        asked.push(`${name} ${request.pk}`);
        return call(request, ...more);
      }) as never);
    }
    return { shared, asked, open: () => new TenantTable(shared, 'acme.1', { isAlone: true }) };
  }

  test('reads the list of its resources once, and nothing of those never written', async () => {
    const { asked, open } = await spied();
    const table = open();
    expect(
      await Promise.all([
        table.get(HEAD, { consistent: true }),
        table.query(LOG),
        table.query({ ...LOG, pk: '/registry/core/secrets' }),
      ]),
    ).toEqual([undefined, { items: [] }, { items: [] }]);
    expect(asked).toEqual(['query acme.1##resources']);
  });

  test.each(['a transaction', 'an allocation'])(
    'finds the writes of %s, even during a concurrent read',
    async (kind) => {
      const { open, asked } = await spied();
      const table = open();
      const write = () =>
        kind === 'a transaction'
          ? table.transact([{ put: item(`${PODS}#log`, '1', { rv: 1 }) }, { claim }], LATER)
          : table
              .write({ put: item('#resources', PODS) })
              .then(() => table.allocate({ ...HEAD, count: 1, at: 1, format: 1, last: { before: 1 } }));
      await Promise.all([write(), table.get(HEAD, { consistent: true })]);
      expect(await table.get(HEAD, { consistent: true })).toMatchObject({ ...HEAD, next: 2 });
      asked.splice(0);
      const after = open();
      expect(await after.get(HEAD, { consistent: true })).toMatchObject({ ...HEAD, next: 2 });
      expect(asked).toEqual(['query acme.1##resources', 'get acme.1#/registry/core/pods#head']);
    },
  );

  test('is added to the list by a transaction with no other effect', async () => {
    const { shared, open } = await spied();
    const table = open();
    await table.transact([{ claim }], LATER);
    await table.write({ put: item('/registry/core/pods', 'a', { rv: 1 }) });
    const condition = { kind: 'absent' } as const;
    const secrets = { ...claim, pk: '/registry/core/secrets#head' };
    const taken = { put: item('/registry/core/pods', 'a', { rv: 2 }), condition };
    await expect(table.transact([{ claim: secrets }, taken], LATER)).rejects.toMatchObject({
      kind: 'Canceled',
      reasons: [
        { kind: 'None' },
        { kind: 'ConditionFailed', item: { pk: '/registry/core/pods', sk: 'a' } },
        { kind: 'None' },
      ],
    });
    const listed = async () => {
      const keys: string[] = [];
      for await (const { sk } of itemsOf(new TenantTable(shared, 'acme.1'), '#resources')) keys.push(sk);
      return keys;
    };
    expect(await listed()).toEqual([PODS]);
    await table.transact([{ claim: secrets }], LATER);
    expect(await listed()).toEqual([PODS, '/registry/core/secrets']);
  });
});

describe('tenants of one table', () => {
  let shared: SDKDynamoDBTable;
  let acme: TenantTable;
  let other: TenantTable;
  beforeAll(async () => {
    shared = new SDKDynamoDBTable(await newTestTable());
    acme = new TenantTable(shared, 'acme.1');
    other = new TenantTable(shared, 'acme.1-2');
    for (const table of [acme, other]) {
      await table.write({ put: item('#resources', '/registry/core/pods') });
      await table.allocate({
        ...{ pk: '/registry/core/pods#head', sk: '-' },
        count: 1,
        at: 1,
        format: 1,
        last: { before: 1 },
      });
      await table.write({ put: item('/registry/core/pods', 'default/a', { rv: 1 }) });
      await table.write({ put: item('/registry/core/pods#log', '1', { rv: 1 }) });
      await table.write({ put: item('#keys', 'keys/service-account/0001') });
    }
  });
  afterAll(() => shared.close());

  test("see their own items under their own keys, prefixed by the tenant's id", async () => {
    const key = { pk: '/registry/core/pods', sk: 'default/a' };
    expect(await acme.get(key, { consistent: true })).toEqual({ ...key, rv: 1 });
    const stored = { ...key, pk: 'acme.1#/registry/core/pods' };
    expect(await shared.get(stored, { consistent: true })).toEqual({ ...stored, rv: 1 });
  });

  test('a purge removes all items of one tenant, and none of another', async () => {
    const left = async (table: TenantTable) => {
      const keys: string[] = [];
      for (const pk of await table.partitions()) {
        for await (const { sk } of itemsOf(table, pk)) keys.push(`${pk} ${sk}`);
      }
      return keys;
    };
    const all = [
      '/registry/core/pods default/a',
      '/registry/core/pods#log 1',
      '/registry/core/pods#head -',
      '#keys keys/service-account/0001',
      '#resources /registry/core/pods',
    ];
    expect(await left(acme)).toEqual(all);
    await purgeTenant(acme);
    expect(await left(acme)).toEqual([]);
    expect(await left(other)).toEqual(all);
  });

  test.each(['', 'a#b', '#a', 'A', 'a/b', '.a'])('%j is not an id', (id) => {
    expect(() => new TenantTable(shared, id)).toThrow(`invalid tenant id ${JSON.stringify(id)}`);
  });
});
