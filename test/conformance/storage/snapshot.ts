import { expect, test } from 'vitest';
import { createPod, label, names, newResource, type Pod, type StorageHarness } from './harness.ts';

export function snapshotTests(harness: () => StorageHarness): void {
  const open = () => harness().newProcess().storageFor<Pod>(newResource());

  test('contains every object, in key order', async () => {
    const storage = open();
    for (const key of ['b/1', 'a/1', 'c/1']) await createPod(storage, key);
    const { items, resourceVersion } = await storage.snapshot(0);
    expect(names(items)).toEqual(['a/1', 'b/1', 'c/1']);
    expect(resourceVersion).toBe((await storage.list({ prefix: '' })).resourceVersion);
  });

  test("includes another process's writes immediately when no staleness is allowed", async () => {
    const config = newResource();
    const [here, there] = [
      harness().newProcess().storageFor<Pod>(config),
      harness().newProcess().storageFor<Pod>(config),
    ];
    await createPod(here, 'a/1');
    expect(names((await there.snapshot(0)).items)).toEqual(['a/1']);
    const updated = await label(here, 'a/1', { x: '1' });
    await createPod(here, 'a/2');
    const { items } = await there.snapshot(0);
    expect(items.map((item) => [item.key, item.resourceVersion])).toEqual([
      ['a/1', updated.resourceVersion],
      ['a/2', updated.resourceVersion + 1],
    ]);
  });

  test('counts the objects', async () => {
    const storage = open();
    expect(await storage.count()).toBe(0);
    for (const key of ['b/1', 'a/1', 'c/1']) await createPod(storage, key);
    await storage.delete('a/1');
    await storage.list({ prefix: '' });
    expect(await storage.count()).toBe(2);
  });
}
