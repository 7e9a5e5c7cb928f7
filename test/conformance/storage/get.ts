import { expect, test } from 'vitest';
import { createPod, label, newResource, type Pod, type StorageHarness, text } from './harness.ts';

export function getTests(harness: () => StorageHarness): void {
  const open = () => harness().newProcess().storageFor<Pod>(newResource());

  test('a missing key fails with KeyNotFound', async () => {
    await expect(open().get('ns/foo')).rejects.toMatchObject({
      code: 'KeyNotFound',
      details: { key: 'ns/foo' },
    });
  });

  test('is not older than the requested revision', async () => {
    const storage = open();
    const created = await createPod(storage, 'ns/foo');
    const updated = await label(storage, 'ns/foo', { a: '1' });
    const other = await createPod(storage, 'ns/bar');
    for (const resourceVersion of [undefined, '', created, updated, other].map((item) =>
      typeof item === 'object' ? String(item.resourceVersion) : item,
    )) {
      expect(text(await storage.get('ns/foo', { resourceVersion }))).toBe(text(updated));
    }
    expect((await storage.get('ns/foo', { resourceVersion: '0' })).key).toBe('ns/foo');
  });

  test('a revision that was never reached fails with TooLargeResourceVersion', async () => {
    const storage = open();
    const { resourceVersion } = await createPod(storage, 'ns/foo');
    await expect(
      storage.get('ns/foo', { resourceVersion: String(resourceVersion + 1) }),
    ).rejects.toMatchObject({
      code: 'TooLargeResourceVersion',
      message: `Too large resource version: ${resourceVersion + 1}, current: ${resourceVersion}`,
      details: { retryAfterSeconds: 1 },
    });
  });

  test.each(['abc', '-1', '1.5', '99999999999999999999'])(
    'resourceVersion %j fails with InvalidResourceVersion',
    async (resourceVersion) => {
      const storage = open();
      await createPod(storage, 'ns/foo');
      await expect(storage.get('ns/foo', { resourceVersion })).rejects.toMatchObject({
        code: 'InvalidResourceVersion',
      });
    },
  );

  test('each call of object() returns a new value', async () => {
    const storage = open();
    await createPod(storage, 'ns/foo', { labels: { a: '1' } });
    const stored = await storage.get('ns/foo');
    stored.object().metadata.labels!['a'] = 'spoilt';
    expect(stored.object().metadata.labels).toEqual({ a: '1' });
  });
}
