/** Two releases on one table, as during a deployment or after a rollback. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { root } from '../../../infra/build/bundle-options.ts';
import type { Storage, StorageFactory } from '../../../shared/storage/storage.ts';
import { keptReleases, storageOfRelease, thisVersion } from '../../fixtures/releases/kept-releases.ts';
import { SkewedClock } from '../../fixtures/skewed-clock.ts';
import { newTestTable, newWireStorageFactory } from '../../fixtures/storage.ts';
import { describeStorage } from './describe-storage.ts';
import { newResource, pod, type StorageHarness } from './harness.ts';

const RETENTION_MS = 3_600_000;
const BOOKMARK_MS = 100;

/** Sends alternate calls to `one` and `other`. Other properties are those of `other`. */
function inTurns<T extends object>(one: T, other: T): T {
  let calls = 0;
  return new Proxy(other, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name);
      if (typeof value !== 'function') return value;
      return (...args: unknown[]) => {
        const callee = calls++ % 2 === 0 ? one : other;
        return (Reflect.get(callee, name) as (...args: unknown[]) => unknown).apply(callee, args);
      };
    },
  });
}

async function open(version: string, memoryBytes?: number): Promise<StorageHarness> {
  const table = await newTestTable();
  const clock = new SkewedClock();
  const protocol = { bookmarkMs: BOOKMARK_MS, retentionMs: RETENTION_MS, freshnessMs: 200 };
  const tuning = { clock, protocol, windowBytes: 0, memoryBytes };
  const ReleasedFactory = await storageOfRelease(version);
  const factories: StorageFactory[] = [];
  return {
    newProcess: () => {
      const released = new ReleasedFactory({ ...table, ...tuning });
      const current = newWireStorageFactory(table, tuning);
      factories.push(released, current);
      return new Proxy<StorageFactory>(current, {
        get(target, name) {
          if (name !== 'storageFor') return Reflect.get(target, name).bind(target);
          return (config: Parameters<StorageFactory['storageFor']>[0]): Storage<unknown> =>
            inTurns(released.storageFor(config), current.storageFor(config));
        },
      });
    },
    advance: (ms) => clock.advance(ms),
    retentionMs: RETENTION_MS,
    bookmarkMs: BOOKMARK_MS,
    holdsResources: memoryBytes !== 0,
    close: async () => {
      await Promise.all(factories.map((factory) => factory.close()));
    },
  };
}

/** Suites in which one process reads, continues or replaces what another wrote; the rest concern a single process. */
const REST = ['get', 'list', 'watch with initial events', 'snapshot and count', 'expiry'] as const;
/** The pages of 0.1.0 do not record the age of their list. */
const OF_ONE_PROCESS = [...REST, 'the age of pages', 'fast forward', 'size', 'transformer'] as const;
const ROWS = ['create', 'delete', 'guaranteedUpdate', 'pages of a list'] as const;
const LOG = ['watch', 'several processes'] as const;

for (const version of keptReleases()) {
  describeStorage(
    `release ${version} and this one, call by call, nothing in memory`,
    () => open(version, 0),
    {
      except: [...OF_ONE_PROCESS, ...LOG],
    },
  );
  describeStorage(`release ${version} and this one, call by call, resources in memory`, () => open(version), {
    except: [...OF_ONE_PROCESS, ...ROWS],
  });
}

test('every release is kept, and this version is one of them', () => {
  const changes = readFileSync(join(root, 'CHANGELOG.md'), 'utf8');
  const released = [...changes.matchAll(/^## (\d+\.\d+\.\d+)/gm)].map(([, version]) => version!);
  expect(keptReleases()).toEqual(expect.arrayContaining([...released, thisVersion]));
});

const codeOf = (call: Promise<unknown>) =>
  call.then(
    () => 'done',
    (error: unknown) => (isStorageError(error) ? error.code : error),
  );

/** 0.1.0 has no formats. */
const refused = expect.stringMatching(/^(?:NewerFormat|Unreachable)$/);

/** Each release has its own error classes. */
const isStorageError = (error: unknown): error is { readonly code: string } =>
  typeof (error as { code?: unknown }).code === 'string';

test.each(keptReleases())(
  'release %s continues where it started, and refuses tables with heads that stand together',
  async (version) => {
    const ReleasedFactory = await storageOfRelease(version);
    for (const began of ['released', 'current'] as const) {
      const table = await newTestTable();
      const factories = { released: new ReleasedFactory(table), current: newWireStorageFactory(table) };
      const config = newResource();
      const things = {
        released: factories.released.storageFor(config),
        current: factories.current.storageFor(config),
      };
      factories.current.follow([config.resourcePrefix]);
      // It read the head before any other process wrote.
      expect((await things.released.list({ prefix: '' })).items).toEqual([]);
      if (began === 'released') await things.released.create('a/1', pod('a/1'));
      await factories.current.gatherHeads();
      await things.current.create('a/2', pod('a/2'));
      const newcomer = new ReleasedFactory(table);
      const codes = await Promise.all([
        codeOf(things.released.create('a/3', pod('a/3'))),
        codeOf(newcomer.storageFor(config).create('a/4', pod('a/4'))),
        codeOf(things.current.create('a/5', pod('a/5'))),
      ]);
      await newcomer.close();
      const { items } = await things.current.list({ prefix: '' });
      const keys = items.map(({ key }) => key);
      expect([codes, keys]).toEqual(
        began === 'released'
          ? [
              ['done', 'done', 'done'],
              ['a/1', 'a/2', 'a/3', 'a/4', 'a/5'],
            ]
          : [
              [refused, refused, 'done'],
              ['a/2', 'a/5'],
            ],
      );
      // A release without the list of resources may have written to more than it contains.
      expect(await factories.current.written()).toEqual(
        began === 'released' ? undefined : new Set([config.resourcePrefix]),
      );
      for (const factory of Object.values(factories)) await factory.close();
    }
  },
);
