import { expect, test } from 'vitest';
import type { Storage } from '../../../shared/storage/storage.ts';
import {
  createPod,
  deleted,
  label,
  modified,
  names,
  newResource,
  type Pod,
  type StorageHarness,
  take,
} from './harness.ts';

export function processesTests(harness: () => StorageHarness): void {
  const open = (count: number): Storage<Pod>[] => {
    const config = newResource();
    return Array.from({ length: count }, () => harness().newProcess().storageFor<Pod>(config));
  };

  test('a read returns writes just acknowledged to another process', async () => {
    const [a, b] = open(2) as [Storage<Pod>, Storage<Pod>];
    await b.list({ prefix: '' });
    for (let n = 0; n < 20; n++) {
      const created = await createPod(a, `ns/${n}`);
      expect((await b.get(`ns/${n}`)).resourceVersion).toBe(created.resourceVersion);
      const { items, resourceVersion } = await b.list({ prefix: '' });
      expect(items).toHaveLength(n + 1);
      expect(resourceVersion).toBe(created.resourceVersion);
    }
  });

  test("a watch delivers another process's writes", async () => {
    const [a, b] = open(2) as [Storage<Pod>, Storage<Pod>];
    await createPod(a, 'ns/foo');
    const watch = await b.watch({ prefix: '', sendInitialEvents: false });
    const expected = [
      modified(await label(a, 'ns/foo', { x: '1' })),
      modified(await label(b, 'ns/foo', { x: '2' })),
      modified(await label(a, 'ns/foo', { x: '3' })),
      deleted(await a.delete('ns/foo')),
    ];
    expect(await take(watch, 4)).toEqual(expected);
    watch.stop();
  });

  test('no increment from several processes is lost', async () => {
    const storages = open(4);
    await createPod(storages[0]!, 'ns/foo', { annotations: { n: '0' } });
    await Promise.all(
      Array.from({ length: 40 }, (_, n) =>
        storages[n % 4]!.guaranteedUpdate('ns/foo', {
          tryUpdate: async (current) => {
            const next = Number(current!.metadata.annotations!['n']) + 1;
            return {
              object: { ...current!, metadata: { ...current!.metadata, annotations: { n: String(next) } } },
            };
          },
        }),
      ),
    );
    for (const storage of storages) {
      expect((await storage.get('ns/foo')).object().metadata.annotations).toEqual({ n: '40' });
    }
  });

  test('a continue token of one process works in another, with the same state', async () => {
    const [a, b] = open(2) as [Storage<Pod>, Storage<Pod>];
    for (const key of ['ns/1', 'ns/2', 'ns/3', 'ns/4']) await createPod(a, key);
    const first = await a.list({ prefix: '', limit: 2 });
    await a.delete('ns/3');
    await createPod(a, 'ns/25');
    const second = await b.list({ prefix: '', limit: 2, continue: first.continue });
    expect([names(second.items), second.resourceVersion, second.continue]).toEqual([
      ['ns/3', 'ns/4'],
      first.resourceVersion,
      '',
    ]);
  });

  test('a read in one process waits for a revision of another', async () => {
    const [a, b] = open(2) as [Storage<Pod>, Storage<Pod>];
    await b.list({ prefix: '' });
    const created = await createPod(a, 'ns/1');
    const resourceVersion = String(created.resourceVersion);
    expect(
      (await b.list({ prefix: '', resourceVersion, resourceVersionMatch: 'NotOlderThan' })).items,
    ).toHaveLength(1);
    expect((await b.get('ns/1', { resourceVersion })).resourceVersion).toBe(created.resourceVersion);
  });
}
