import { describe, expect, test } from 'vitest';
import {
  DynamoDBStorageFactory,
  type StorageTuning,
} from '../../../shared/storage/dynamodb/dynamodb-storage-factory.ts';
import { HintBoard } from '../../../shared/storage/dynamodb/hint-board.ts';
import { SDKDynamoDBTable } from '../../../shared/storage/dynamodb/sdk-dynamodb-table.ts';
import { WireDynamoDBTable } from '../../../shared/storage/dynamodb/wire-dynamodb-table.ts';
import { SkewedClock } from '../../fixtures/skewed-clock.ts';
import { newTestTable } from '../../fixtures/storage.ts';
import { describeStorage } from './describe-storage.ts';
import { createPod, label, newResource, type Pod, type StorageHarness } from './harness.ts';

const RETENTION_MS = 3_600_000;
const BOOKMARK_MS = 100;

interface Mode {
  readonly alone?: boolean;
  /** Processes send each other hints of their writes. */
  readonly hinted?: boolean;
  /** Default: the local server's table; the AWS SDK's is used by functions. */
  readonly Table?: typeof WireDynamoDBTable | typeof SDKDynamoDBTable;
}

async function open(
  tuning: StorageTuning,
  { alone = false, hinted = false, Table = WireDynamoDBTable }: Mode = {},
): Promise<StorageHarness> {
  const table = await newTestTable();
  const clock = new SkewedClock();
  const hints = new Table(table);
  const factories: DynamoDBStorageFactory[] = [];
  return {
    newProcess: () => {
      // A process that runs alone stands for all processes.
      if (alone && factories[0] !== undefined) return factories[0];
      const protocol = { bookmarkMs: BOOKMARK_MS, retentionMs: RETENTION_MS, freshnessMs: 200, alone };
      const writer = `process-${factories.length}`;
      const board = new HintBoard({ table: hints, clock, writer, publishes: true, listens: true });
      const hintsOf = hinted ? board.of('acme#') : undefined;
      const connected = new Table({ ...table, now: clock.now });
      const factory = new DynamoDBStorageFactory({ table: connected, clock, protocol, hintsOf, ...tuning });
      factories.push(factory);
      return factory;
    },
    advance: (ms) => clock.advance(ms),
    retentionMs: RETENTION_MS,
    bookmarkMs: BOOKMARK_MS,
    holdsResources: tuning.memoryBytes !== 0,
    close: async () => {
      await Promise.all(factories.map((factory) => factory.close()));
      hints.close();
    },
  };
}

// No changes are kept in memory: old ones must be read from the log, which reports when they have expired.
describeStorage('DynamoDB, resources in memory, hints', () => open({ windowBytes: 0 }, { hinted: true }));
describeStorage('DynamoDB, nothing in memory', () =>
  open({ windowBytes: 0, memoryBytes: 0 }, { Table: SDKDynamoDBTable }),
);
describeStorage('DynamoDB, one process alone', () => open({ windowBytes: 0 }, { alone: true }), {
  except: ['size', 'transformer', 'fast forward'],
});

describe.each<StorageTuning>([{}, { windowBytes: 0 }])('a resource with a shorter history, %j', (tuning) => {
  test('changes are available for the retention time, wherever they are kept', async () => {
    const harness = await open(tuning);
    try {
      const storage = harness.newProcess().storageFor<Pod>({ ...newResource(), historyMs: 300_000 });
      const [first] = [await createPod(storage, 'ns/a'), await createPod(storage, 'ns/b')];
      const page = await storage.list({ prefix: '', limit: 1 });
      await label(storage, 'ns/b', { a: '1' });
      const rest = () => storage.list({ prefix: '', limit: 1, continue: page.continue });
      const watch = async () => {
        const started = await storage.watch({ prefix: '', resourceVersion: String(first.resourceVersion) });
        started.stop();
      };
      harness.advance(270_000);
      expect((await rest()).items.map(({ key }) => key)).toEqual(['ns/b']);
      await watch();
      harness.advance(32_000);
      const error = await rest().catch((caught) => caught);
      expect(error).toMatchObject({ code: 'Expired', details: { continue: expect.any(String) } });
      await expect(watch()).rejects.toMatchObject({ code: 'Expired' });
      const inconsistent = await storage.list({ prefix: '', continue: error.details.continue });
      expect(inconsistent.items.map((item) => item.object().metadata.labels)).toEqual([{ a: '1' }]);
    } finally {
      await harness.close();
    }
  });
});
