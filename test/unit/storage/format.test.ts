/** The behaviour when a newer release has written in an unknown format. */

import { expect, test } from 'vitest';
import { newServiceUnavailable } from '../../../shared/meta/status-error.ts';
import { interpretStorageError } from '../../../shared/rest/storage-errors.ts';
import { ensureBootstrap } from '../../../shared/server/bootstrap.ts';
import { FORMAT, headOf } from '../../../shared/storage/dynamodb/layout.ts';
import { SDKDynamoDBTable } from '../../../shared/storage/dynamodb/sdk-dynamodb-table.ts';
import { SDKStorageFactory } from '../../../shared/storage/dynamodb/sdk-storage-factory.ts';
import { isStorageError } from '../../../shared/storage/errors.ts';
import type { Storage } from '../../../shared/storage/storage.ts';
import { newTestTable } from '../../fixtures/storage.ts';
import { CONFIG, type Thing } from '../../simulation/things.ts';

const thing = (name: string): Thing => ({ metadata: { name }, token: '1' });

/** A table with an object, and the marks of a newer release. */
async function newerRelease(prefix: string) {
  const place = await newTestTable();
  const older = new SDKStorageFactory(place);
  await older.storageFor(CONFIG).create('a', thing('a'));
  const table = new SDKDynamoDBTable(place);
  const pk = headOf(prefix);
  const now = Date.now();
  const last = prefix === CONFIG.resourcePrefix ? { since: 0 } : { before: now };
  await table.allocate({ pk, sk: '-', count: 1, at: now, format: FORMAT + 1, last });
  const head = () => table.get({ pk, sk: '-' }, { consistent: true });
  return { place, older, head, [Symbol.asyncDispose]: () => older.close().then(() => table.close()) };
}

const codeOf = (call: Promise<unknown>) =>
  call.then(
    () => 'done',
    (error: unknown) => (isStorageError(error) ? error.code : error),
  );

test.each([false, true])('it writes nothing more there, and elsewhere as before: %s', async (alone) => {
  await using newer = await newerRelease(CONFIG.resourcePrefix);
  const before = await newer.head();
  const restarted = new SDKStorageFactory({ ...newer.place, protocol: { alone } });
  const running = alone ? [restarted] : [newer.older, restarted];
  const calls: Readonly<Record<string, (things: Storage<Thing>) => Promise<unknown>>> = {
    create: (things) => things.create('b', thing('b')),
    update: (things) =>
      things.guaranteedUpdate('a', { tryUpdate: async () => ({ object: { ...thing('a'), token: '2' } }) }),
    delete: (things) => things.delete('a'),
  };
  for (const factory of running) {
    const things = factory.storageFor(CONFIG);
    for (const [verb, call] of Object.entries(calls))
      expect([verb, await codeOf(call(things))]).toEqual([verb, 'NewerFormat']);
    expect(await codeOf(factory.newestRevision(CONFIG.resourcePrefix))).toBe('NewerFormat');
    expect(await codeOf(things.get('b'))).toBe('KeyNotFound');
  }
  const fresh = new SDKStorageFactory(newer.place);
  expect(await codeOf(fresh.storageFor(CONFIG).watch({ prefix: '' }))).toBe('NewerFormat');
  expect(await newer.head()).toEqual(before);
  await Promise.all([restarted.close(), fresh.close()]);
});

test('it creates and serves nothing if the claims have the format', async () => {
  await using newer = await newerRelease('/zeroplane/claims');
  let made = 0;
  const start = ensureBootstrap(async () => void made++, new SDKStorageFactory(newer.place), '1.36');
  expect([await codeOf(start), made]).toEqual(['NewerFormat', 0]);
});

test('clients get a retry hint and the reason', async () => {
  await using newer = await newerRelease(CONFIG.resourcePrefix);
  const error: unknown = await newer.older
    .storageFor(CONFIG)
    .create('b', thing('b'))
    .catch((caught: unknown) => caught);
  const operation = { verb: 'create', resource: { group: '', resource: 'things' }, name: 'b' } as const;
  const message = `/registry/things was written by a newer release, in format ${FORMAT + 1}; this one supports formats up to ${FORMAT}`;
  expect(interpretStorageError(error, operation)).toEqual(newServiceUnavailable(message, 2));
});
