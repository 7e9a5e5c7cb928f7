import { expect, test } from 'vitest';
import {
  createPod,
  label,
  modified,
  names,
  newResource,
  type Pod,
  type StorageHarness,
  take,
} from './harness.ts';

export function fastForwardTests(harness: () => StorageHarness): void {
  test.each([
    ['a resource without writes', 0, 5_000],
    ['a resource with objects', 3, 5_000],
    ['a resource at a higher revision', 3, 2],
  ])('revisions of %s continue above the requested one', async (_, written, revision) => {
    const config = newResource();
    const first = harness().newProcess().storageFor<Pod>(config);
    for (let i = 0; i < written; i++) await createPod(first, `ns/old-${i}`);
    const { resourceVersion: before } = await first.list({ prefix: '' });
    const factory = harness().newProcess();
    await factory.fastForward(config, revision);
    await factory.fastForward(config, revision);
    const storage = factory.storageFor<Pod>(config);
    const created = await createPod(storage, 'ns/new');
    expect(created.resourceVersion).toBe(Math.max(before, revision) + 1);
    let newest = created;
    for (const one of [storage, harness().newProcess().storageFor<Pod>(config)]) {
      const { items, resourceVersion } = await one.list({ prefix: '' });
      expect(names(items)).toEqual(['ns/new', ...Array.from({ length: written }, (_, i) => `ns/old-${i}`)]);
      expect(resourceVersion).toBe(newest.resourceVersion);
      const watch = await one.watch({ prefix: '', resourceVersion: String(resourceVersion) });
      newest = await label(one, 'ns/new', { revision: String(resourceVersion) });
      expect(await take(watch, 1)).toEqual([modified(newest)]);
      watch.stop();
    }
  });
}
