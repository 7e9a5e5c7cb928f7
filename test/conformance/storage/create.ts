import { expect, test } from 'vitest';
import { createPod, newResource, type Pod, pod, type StorageHarness, text } from './harness.ts';

export function createTests(harness: () => StorageHarness): void {
  const open = () => harness().newProcess().storageFor<Pod>(newResource());

  test('returns the object at its first revision, and stores it', async () => {
    const storage = open();
    const created = await createPod(storage, 'ns/foo', { uid: 'A' });
    expect(created.key).toBe('ns/foo');
    expect(created.object()).toEqual(
      pod('ns/foo', { uid: 'A', resourceVersion: String(created.resourceVersion) }),
    );
    expect(text(await storage.get('ns/foo'))).toBe(text(created));
  });

  test('creating an existing key fails with KeyExists', async () => {
    const storage = open();
    await createPod(storage, 'ns/foo');
    await expect(createPod(storage, 'ns/foo')).rejects.toMatchObject({
      code: 'KeyExists',
      details: { key: 'ns/foo' },
    });
  });

  test('creating an object with a resourceVersion fails with InvalidObject', async () => {
    await expect(createPod(open(), 'ns/foo', { resourceVersion: '7' })).rejects.toMatchObject({
      code: 'InvalidObject',
      message: 'resourceVersion should not be set on objects to be created',
    });
  });

  test('a deleted key can be created again, at a higher revision', async () => {
    const storage = open();
    await createPod(storage, 'ns/foo');
    const gone = await storage.delete('ns/foo');
    const again = await createPod(storage, 'ns/foo', { uid: 'B' });
    expect(again.resourceVersion).toBeGreaterThan(gone.resourceVersion);
    expect((await storage.get('ns/foo')).object().metadata.uid).toBe('B');
  });

  test('one of many concurrent creates of a key succeeds', async () => {
    const storage = open();
    const results = await Promise.allSettled(
      Array.from({ length: 20 }, (_, n) => createPod(storage, 'ns/foo', { uid: `${n}` })),
    );
    const won = results.filter((result) => result.status === 'fulfilled');
    const lost = results.filter((result) => result.status === 'rejected');
    expect(won).toHaveLength(1);
    expect(lost.map(({ reason }) => reason.code)).toEqual(Array(19).fill('KeyExists'));
    expect((await storage.get('ns/foo')).resourceVersion).toBe(won[0]!.value.resourceVersion);
  });

  test('concurrent creates each get a distinct revision', async () => {
    const storage = open();
    const created = await Promise.all(
      Array.from({ length: 150 }, (_, n) => createPod(storage, `ns/pod-${n}`)),
    );
    const revisions = created.map(({ resourceVersion }) => resourceVersion);
    expect(new Set(revisions).size).toBe(150);
    const { items } = await storage.list({ prefix: '' });
    expect(new Map(items.map((item) => [item.key, item.resourceVersion]))).toEqual(
      new Map(created.map((item) => [item.key, item.resourceVersion])),
    );
  });

  test('keys may contain any character allowed in a path segment', async () => {
    const storage = open();
    const keys = [
      'system:node',
      '__proto__',
      'constructor',
      'UPPER',
      'ünï',
      '日本',
      '\u{1f600}',
      '\uffee',
      'a b',
      '#log',
    ];
    for (const key of keys) await createPod(storage, key);
    const { items } = await storage.list({ prefix: '' });
    const inOrder = [...keys].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
    expect(items.map(({ key }) => key)).toEqual(inOrder);
    for (const key of keys)
      expect((await storage.get(key)).object()).toEqual(items.find((item) => item.key === key)!.object());
  });
}
