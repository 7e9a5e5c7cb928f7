import { expect, test } from 'vitest';
import type { Storage } from '../../../shared/storage/storage.ts';
import {
  added,
  createPod,
  deleted,
  label,
  modified,
  names,
  newResource,
  type Pod,
  pod,
  type StorageHarness,
  take,
} from './harness.ts';

export function expiryTests(harness: () => StorageHarness): void {
  const open = () => {
    const config = newResource();
    const factory = harness().newProcess();
    return { storage: factory.storageFor<Pod>(config), sweep: () => factory.sweepExpired(config), config };
  };
  const createEvent = (storage: Storage<Pod>, key: string, ttlSeconds: number) =>
    storage.create(key, pod(key), { ttlSeconds });

  test('expired objects are returned by no read', async () => {
    const { storage } = open();
    await createEvent(storage, 'ns/short', 60);
    await createEvent(storage, 'ns/long', 600);
    await createPod(storage, 'ns/forever');
    expect(names((await storage.list({ prefix: '' })).items)).toEqual(['ns/forever', 'ns/long', 'ns/short']);
    expect(names((await storage.snapshot(0)).items)).toEqual(['ns/forever', 'ns/long', 'ns/short']);
    harness().advance(61_000);
    expect(names((await storage.list({ prefix: '' })).items)).toEqual(['ns/forever', 'ns/long']);
    expect(names((await storage.list({ prefix: 'ns/', limit: 1 })).items)).toEqual(['ns/forever']);
    expect(names((await storage.snapshot(0)).items)).toEqual(['ns/forever', 'ns/long']);
    await expect(storage.get('ns/short')).rejects.toMatchObject({ code: 'KeyNotFound' });
    await expect(storage.get('ns/short', { resourceVersion: '0' })).rejects.toMatchObject({
      code: 'KeyNotFound',
    });
    await expect(storage.delete('ns/short')).rejects.toMatchObject({ code: 'KeyNotFound' });
    await expect(label(storage, 'ns/short', { a: '1' })).rejects.toMatchObject({ code: 'KeyNotFound' });
  });

  test('a sweep deletes expired objects and notifies watchers', async () => {
    const { storage, sweep } = open();
    const short = await createEvent(storage, 'ns/short', 60);
    await createEvent(storage, 'ns/long', 600);
    const watch = await storage.watch({ prefix: '', sendInitialEvents: false });
    expect(await sweep()).toBe(0);
    harness().advance(61_000);
    expect(await sweep()).toBe(1);
    const [[type, key, revision]] = (await take(watch, 1)) as [[string, string, number]];
    expect([type, key]).toEqual(['DELETED', 'ns/short']);
    expect(revision).toBeGreaterThan(short.resourceVersion);
    expect(await sweep()).toBe(0);
    watch.stop();
  });

  test('two concurrent sweeps delete each object once', async () => {
    const { storage, sweep, config } = open();
    for (let n = 0; n < 30; n++) await createEvent(storage, `ns/e-${n}`, 60);
    const watch = await storage.watch({ prefix: '', sendInitialEvents: false });
    harness().advance(61_000);
    const other = harness().newProcess();
    const swept = await Promise.all([sweep(), other.sweepExpired(config)]);
    expect(swept[0] + swept[1]).toBe(30);
    expect((await take(watch, 30)).map(([type, key]) => `${type} ${key}`).sort()).toEqual(
      Array.from({ length: 30 }, (_, n) => `DELETED ns/e-${n}`).sort(),
    );
    const last = await createPod(storage, 'ns/last');
    expect(await take(watch, 1)).toEqual([added(last)]);
    watch.stop();
  });

  test('the key of an expired object can be created again, after a DELETED event for watchers', async () => {
    const { storage } = open();
    await createEvent(storage, 'ns/foo', 60);
    const watch = await storage.watch({ prefix: '', sendInitialEvents: false });
    harness().advance(61_000);
    const created = await createEvent(storage, 'ns/foo', 60);
    const events = await take(watch, 2);
    expect(events.map(([type, key]) => [type, key])).toEqual([
      ['DELETED', 'ns/foo'],
      ['ADDED', 'ns/foo'],
    ]);
    expect(events[1]).toEqual(added(created));
    harness().advance(61_000);
    const updated = await storage.guaranteedUpdate('ns/foo', {
      ignoreNotFound: true,
      tryUpdate: async (current) => {
        expect(current).toBeUndefined();
        return { object: pod('ns/foo') };
      },
    });
    expect((await take(watch, 2))[1]).toEqual(added(updated));
    watch.stop();
  });

  test('an update keeps the expiry, or sets a new one', async () => {
    const { storage, sweep } = open();
    await createEvent(storage, 'ns/kept', 60);
    await createEvent(storage, 'ns/longer', 60);
    const watch = await storage.watch({ prefix: '', sendInitialEvents: false });
    const kept = await label(storage, 'ns/kept', { a: '1' });
    const longer = await storage.guaranteedUpdate('ns/longer', {
      tryUpdate: async (current) => ({ object: { ...current!, spec: { nodeName: 'x' } }, ttlSeconds: 600 }),
    });
    harness().advance(61_000);
    expect(names((await storage.list({ prefix: '' })).items)).toEqual(['ns/longer']);
    expect(await sweep()).toBe(1);
    const events = await take(watch, 3);
    expect(events.slice(0, 2)).toEqual([modified(kept), modified(longer)]);
    expect(events[2]).toEqual(deleted({ ...kept, key: 'ns/kept', resourceVersion: events[2]![2] }));
    watch.stop();
  });

  test('leftovers can be removed during normal operation', async () => {
    const config = newResource();
    const factory = harness().newProcess();
    const storage = factory.storageFor<Pod>(config);
    for (let n = 0; n < 5; n++) await createPod(storage, `ns/${n}`);
    for (let n = 0; n < 3; n++) await storage.delete(`ns/${n}`);
    expect(await factory.removeLeftovers(config)).toBe(0);
    harness().advance(25 * 3_600_000);
    const other = harness().newProcess();
    await Promise.all([factory.removeLeftovers(config), other.removeLeftovers(config)]);
    const created = await createPod(storage, 'ns/0');
    expect(names((await storage.list({ prefix: '' })).items)).toEqual(['ns/0', 'ns/3', 'ns/4']);
    expect(names((await other.storageFor<Pod>(config).list({ prefix: '' })).items)).toEqual([
      'ns/0',
      'ns/3',
      'ns/4',
    ]);
    const watch = await other
      .storageFor<Pod>(config)
      .watch({ prefix: '', resourceVersion: String(created.resourceVersion) });
    expect(await take(watch, 0)).toEqual([]);
    watch.stop();
  });
}
