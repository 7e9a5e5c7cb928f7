import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import {
  DynamoDBStorageFactory,
  type StorageTuning,
} from '../../../shared/storage/dynamodb/dynamodb-storage-factory.ts';
import { SDKDynamoDBTable } from '../../../shared/storage/dynamodb/sdk-dynamodb-table.ts';
import { SDKStorageFactory } from '../../../shared/storage/dynamodb/sdk-storage-factory.ts';
import { SignedDynamoDBTable } from '../../../shared/storage/dynamodb/signed-dynamodb-table.ts';
import {
  WireDynamoDBTable,
  type WireDynamoDBTableOptions,
} from '../../../shared/storage/dynamodb/wire-dynamodb-table.ts';
import { systemClock } from '../../../shared/util/clock.ts';
import {
  createPod,
  deleted,
  label,
  newResource,
  type Pod,
  type Seen,
  take,
} from '../../conformance/storage/harness.ts';
import { restoreEnvironment } from '../../fixtures/environment.ts';
import { type Fault, FaultyProxy } from '../../fixtures/faulty-proxy.ts';
import { SkewedClock } from '../../fixtures/skewed-clock.ts';
import { newTestTable } from '../../fixtures/storage.ts';

let table: { endpoint: string; tableName: string };
let proxy: FaultyProxy;
const factories: DynamoDBStorageFactory[] = [];

beforeAll(async () => {
  table = await newTestTable();
  proxy = await FaultyProxy.open(table.endpoint);
});
afterAll(async () => {
  await Promise.all(factories.map((factory) => factory.close()));
  await proxy.close();
});

afterEach(() => proxy.forget());

/** Options common to both DynamoDB clients. */
type Place = WireDynamoDBTableOptions;

/** Signed requests, as sent by functions; the emulator does not verify signatures. */
class SignedTable extends SignedDynamoDBTable {
  constructor(options: Place) {
    super({
      ...options,
      region: 'us-east-1',
      credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    });
  }
}

describe.each([SDKDynamoDBTable, WireDynamoDBTable, SignedTable])('%o', (Table) => {
  function open(options: StorageTuning & Partial<Place> = {}): DynamoDBStorageFactory {
    const { now } = options.clock ?? systemClock;
    const factory = new DynamoDBStorageFactory({
      ...options,
      table: new Table({ ...table, now, ...options }),
    });
    factories.push(factory);
    return factory;
  }

  /** A storage behind the proxy, and one beside it that shows the actual contents. */
  function pair(tuning: StorageTuning & { requestTimeout?: number } = {}) {
    const config = newResource();
    return {
      config,
      spoilt: open({ endpoint: proxy.endpoint, ...tuning }).storageFor<Pod>(config),
      witness: open().storageFor<Pod>(config),
    };
  }

  /** Possible faults of a request, however many calls are then needed. */
  const FAULTS: readonly Fault[] = [
    'reset before',
    'reset after',
    'silence before',
    'silence after',
    'error before',
    'error after',
    'gateway error',
    'ProvisionedThroughputExceededException',
    'ThrottlingException',
    'RequestLimitExceeded',
    'TransactionConflictException',
    'TransactionInProgressException',
  ];

  /** A short timeout for requests without a response. */
  const impatient = (fault: Fault) => (fault.startsWith('silence') ? { requestTimeout: 150 } : {});

  describe('a write is done once, whatever fault hits the request', () => {
    const operations = ['TransactWriteItems', 'UpdateItem'];
    const cases = FAULTS.flatMap((fault) => operations.map((operation) => ({ fault, operation })));

    test.each(cases)('$fault at $operation', async ({ fault, operation }) => {
      const { spoilt, witness } = pair(impatient(fault));
      const watch = await witness.watch({ prefix: '', sendInitialEvents: false });
      proxy.spoil(operation, fault);
      const created = await createPod(spoilt, 'ns/foo');
      proxy.spoil(operation, fault, fault);
      const updated = await label(spoilt, 'ns/foo', { a: '1' });
      proxy.spoil(operation, fault);
      const gone = await spoilt.delete('ns/foo');
      expect(proxy.unspoilt).toBe(0);
      expect(await take(watch, 3)).toEqual([
        ['ADDED', 'ns/foo', created.resourceVersion],
        ['MODIFIED', 'ns/foo', updated.resourceVersion],
        deleted(gone),
      ]);
      const last = await createPod(witness, 'ns/last');
      expect(await take(watch, 1)).toEqual([['ADDED', 'ns/last', last.resourceVersion]] satisfies Seen[]);
      watch.stop();
    });

    test.each(['reset after', 'error after'] as const)('concurrent writes, %s', async (fault) => {
      const { spoilt, witness } = pair();
      proxy.spoil('TransactWriteItems', fault, fault);
      const created = await Promise.all(Array.from({ length: 60 }, (_, n) => createPod(spoilt, `ns/${n}`)));
      const { items } = await witness.list({ prefix: '' });
      expect(new Map(items.map((item) => [item.key, item.resourceVersion]))).toEqual(
        new Map(created.map((item) => [item.key, item.resourceVersion])),
      );
    });

    test.each(['reset after', 'reset before'] as const)('a rejection is correct, %s', async (fault) => {
      const { spoilt, witness } = pair();
      const created = await createPod(witness, 'ns/foo', { uid: 'first' });
      proxy.spoil('TransactWriteItems', fault);
      proxy.spoil('PutItem', fault);
      await expect(createPod(spoilt, 'ns/foo', { uid: 'second' })).rejects.toMatchObject({
        code: 'KeyExists',
      });
      expect((await witness.get('ns/foo')).resourceVersion).toBe(created.resourceVersion);
    });
  });

  describe('a read is retried', () => {
    test.each(FAULTS.filter((fault) => !fault.startsWith('Transaction')))('%s', async (fault) => {
      const { spoilt, witness } = pair(impatient(fault));
      const created = await createPod(witness, 'ns/foo');
      proxy.spoil('GetItem', fault, fault);
      expect((await spoilt.get('ns/foo')).resourceVersion).toBe(created.resourceVersion);
      proxy.spoil('GetItem', fault);
      proxy.spoil('Query', fault, fault);
      expect((await spoilt.list({ prefix: '' })).items).toHaveLength(1);
      const watch = await spoilt.watch({ prefix: '', sendInitialEvents: false });
      proxy.spoil('Query', fault);
      const next = take(watch, 1);
      const updated = await label(witness, 'ns/foo', { a: '1' });
      expect(await next).toEqual([['MODIFIED', 'ns/foo', updated.resourceVersion]]);
      watch.stop();
    });
  });

  describe('a persistent fault is reported to the caller', () => {
    const tuning: StorageTuning = { protocol: { retryMs: 300, unreachableMs: 300 } };
    const always = (fault: Fault) => Array<Fault>(200).fill(fault);

    test.each<[Fault, string]>([
      ['ThrottlingException', 'Throttled'],
      ['TransactionConflictException', 'Throttled'],
      ['error before', 'Timeout'],
      ['reset before', 'Timeout'],
      ['silence before', 'Timeout'],
      ['AccessDeniedException', 'Unreachable'],
      ['UnrecognizedClientException', 'Unreachable'],
    ])('%s: %s; nothing was written, nor will be', async (fault, code) => {
      const { spoilt, witness } = pair({ ...tuning, ...impatient(fault) });
      proxy.spoil('TransactWriteItems', ...always(fault));
      await expect(createPod(spoilt, 'ns/foo')).rejects.toMatchObject({ code });
      proxy.forget();
      expect((await witness.list({ prefix: '' })).items).toEqual([]);
      await createPod(spoilt, 'ns/foo');
    });

    test('a watch ends with the fault', async () => {
      const { spoilt } = pair(tuning);
      const watch = await spoilt.watch({ prefix: '', sendInitialEvents: false });
      proxy.spoil('Query', ...always('ThrottlingException'));
      await expect(take(watch, 1)).rejects.toMatchObject({
        code: 'Throttled',
        details: { retryAfterSeconds: 1 },
      });
      proxy.forget();
    });
  });

  test('a refused connection fails with Unreachable', async () => {
    const factory = open({ endpoint: 'http://127.0.0.1:1', protocol: { unreachableMs: 50 } });
    await expect(factory.ready()).rejects.toMatchObject({
      code: 'Unreachable',
      message: expect.stringContaining('connect ECONNREFUSED 127.0.0.1:1'),
    });
    const storage = factory.storageFor<Pod>(newResource());
    await expect(storage.get('ns/foo')).rejects.toMatchObject({ code: 'Unreachable' });
    await expect(createPod(storage, 'ns/foo')).rejects.toMatchObject({ code: 'Unreachable' });
  });

  test('a missing table fails with Unreachable, immediately and by name', async () => {
    const factory = open({ tableName: 'no-such-table' });
    const wanted = {
      code: 'Unreachable',
      message: expect.stringMatching(/table no-such-table: ResourceNotFoundException/),
    };
    await expect(factory.ready()).rejects.toMatchObject(wanted);
    const storage = factory.storageFor<Pod>(newResource());
    await expect(storage.list({ prefix: '' })).rejects.toMatchObject(wanted);
    await expect(createPod(storage, 'ns/foo')).rejects.toMatchObject(wanted);
  });

  test('clocks minutes apart have no effect', async () => {
    const config = newResource();
    const processes = [-5, 0, 5].map((minutes) => {
      const clock = new SkewedClock();
      clock.advance(minutes * 60_000);
      return open({ clock }).storageFor<Pod>(config);
    });
    const watch = await processes[1]!.watch({ prefix: '', sendInitialEvents: false });
    const expected: Seen[] = [];
    for (let n = 0; n < 12; n++) {
      const written = await processes[n % 3]!.guaranteedUpdate('ns/foo', {
        ignoreNotFound: true,
        tryUpdate: async () => ({
          object: { metadata: { name: 'foo', labels: { n: String(n) } }, spec: { nodeName: '' } },
        }),
      });
      expected.push([n === 0 ? 'ADDED' : 'MODIFIED', 'ns/foo', written.resourceVersion]);
    }
    expect(await take(watch, 12)).toEqual(expected);
    const start = await processes[2]!.watch({ prefix: '', resourceVersion: String(expected[0]![2]) });
    expect(await take(start, 11)).toEqual(expected.slice(1));
    watch.stop();
    start.stop();
  });

  test('a process without traffic makes no calls', async () => {
    const { spoilt } = pair();
    await createPod(spoilt, 'ns/foo');
    await spoilt.list({ prefix: '' });
    const watch = await spoilt.watch({ prefix: '', sendInitialEvents: false });
    const next = take(watch, 1);
    await createPod(spoilt, 'ns/bar');
    await next;
    watch.stop();
    // Requests in flight when the watch stopped may still arrive.
    await new Promise((resolve) => setTimeout(resolve, 300));
    const calls = proxy.operations.length;
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    expect(proxy.operations.slice(calls)).toEqual([]);
  });
});

test('missing credentials fail with Unreachable immediately', async () => {
  const before = { ...process.env };
  for (const name of Object.keys(process.env)) if (name.startsWith('AWS_')) delete process.env[name];
  Object.assign(process.env, {
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_REGION: 'us-east-1',
    HOME: '/nonexistent',
  });
  try {
    const endpoint = 'https://dynamodb.us-east-1.amazonaws.com';
    const factory = new SDKStorageFactory({ endpoint, tableName: 'any' });
    factories.push(factory);
    await expect(factory.ready()).rejects.toMatchObject({
      code: 'Unreachable',
      message: expect.stringContaining('Could not load credentials from any providers'),
    });
  } finally {
    restoreEnvironment(before);
  }
});
