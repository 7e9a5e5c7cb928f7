import { expect, test } from 'vitest';
import {
  createPod,
  iteratorOf,
  label,
  newResource,
  type Pod,
  PrefixTransformer,
  type StorageHarness,
  take,
} from './harness.ts';

export function transformerTests(harness: () => StorageHarness): void {
  const open = () => {
    const transformer = new PrefixTransformer();
    const config = newResource({ transformer });
    return { config, transformer, storage: harness().newProcess().storageFor<Pod>(config) };
  };

  test('every value is transformed, with its path', async () => {
    const { config, transformer, storage } = open();
    await createPod(storage, 'ns/foo');
    await label(storage, 'ns/foo', { a: '1' });
    const other = harness().newProcess().storageFor<Pod>(config);
    expect((await other.list({ prefix: '' })).items.map((item) => item.object().metadata.labels)).toEqual([
      { a: '1' },
    ]);
    expect([...transformer.paths]).toEqual([`${config.resourcePrefix}/ns/foo`]);
  });

  test('an equal result is written if the value is stale', async () => {
    const { transformer, storage } = open();
    const created = await createPod(storage, 'ns/foo');
    const same = async () =>
      (await storage.guaranteedUpdate('ns/foo', { tryUpdate: async (current) => ({ object: current! }) }))
        .resourceVersion;
    expect(await same()).toBe(created.resourceVersion);
    transformer.stale = true;
    const rewritten = await same();
    expect(rewritten).toBeGreaterThan(created.resourceVersion);
    transformer.stale = false;
    expect(await same()).toBe(rewritten);
  });

  test('an unreadable value fails with CorruptObject, until it can be read', async () => {
    const { config, transformer, storage } = open();
    const created = await createPod(storage, 'ns/foo');
    await createPod(storage, 'ns/good');
    transformer.failing = true;
    const other = harness().newProcess().storageFor<Pod>(config);
    const message = `unable to transform key "${config.resourcePrefix}/ns/foo": no key for k1:`;
    await expect(other.get('ns/foo')).rejects.toMatchObject({ code: 'CorruptObject', message });
    await expect(other.list({ prefix: '' })).rejects.toMatchObject({ code: 'CorruptObject', message });
    await expect(other.delete('ns/foo')).rejects.toMatchObject({ code: 'CorruptObject' });
    await expect(label(other, 'ns/foo', { a: '1' })).rejects.toMatchObject({ code: 'CorruptObject' });
    transformer.failing = false;
    expect((await other.get('ns/foo')).resourceVersion).toBe(created.resourceVersion);
    expect((await other.list({ prefix: '' })).items).toHaveLength(2);
  });

  test("an unreadable object can be deleted unsafely, a readable one can't", async () => {
    const { config, transformer, storage } = open();
    await createPod(storage, 'ns/foo');
    const good = await createPod(storage, 'ns/good');
    await expect(storage.deleteUnreadable('ns/foo', { dryRun: false })).rejects.toMatchObject({
      code: 'InvalidObject',
      message: 'unsafe deletion is not allowed because the object is decodable from storage',
    });
    await expect(storage.deleteUnreadable('ns/none', { dryRun: true })).rejects.toMatchObject({
      code: 'KeyNotFound',
    });
    transformer.failing = true;
    const other = harness().newProcess().storageFor<Pod>(config);
    await other.deleteUnreadable('ns/foo', { dryRun: true });
    const message = `unable to transform key "${config.resourcePrefix}/ns/foo": no key for k1:`;
    const all = { code: 'CorruptObject', message, details: { corrupt: [{ message }, {}] } };
    await expect(other.list({ prefix: '' })).rejects.toMatchObject(all);
    await other.deleteUnreadable('ns/foo', { dryRun: false });
    await expect(other.get('ns/foo')).rejects.toMatchObject({ code: 'KeyNotFound' });
    transformer.failing = false;
    const now = await other.list({ prefix: '' });
    expect(now.items.map(({ key }) => key)).toEqual(['ns/good']);
    // The log has the remaining objects, so the history stays readable.
    const past = {
      prefix: '',
      resourceVersion: String(good.resourceVersion),
      resourceVersionMatch: 'Exact',
    } as const;
    expect((await other.list(past)).items.map(({ key }) => key)).toEqual(['ns/good']);
    const watch = await other.watch({ prefix: '', resourceVersion: String(good.resourceVersion) });
    const again = await createPod(other, 'ns/foo');
    expect(await take(watch, 1)).toEqual([['ADDED', 'ns/foo', again.resourceVersion]]);
  });

  test('a watch ends at an unreadable change, without further events', async () => {
    const { config, transformer, storage } = open();
    const start = await createPod(storage, 'ns/a');
    await createPod(storage, 'ns/b');
    transformer.prefix = 'k2:';
    await createPod(storage, 'ns/c');
    const other = harness().newProcess().storageFor<Pod>(config);
    const watch = await other.watch({ prefix: '', resourceVersion: String(start.resourceVersion) });
    await expect(iteratorOf(watch).next()).rejects.toMatchObject({ code: 'CorruptObject' });
    expect(await iteratorOf(watch).next()).toEqual({ done: true, value: undefined });
    transformer.prefix = 'k1:';
    const again = await other.watch({ prefix: '', resourceVersion: String(start.resourceVersion) });
    expect(await take(again, 1)).toEqual([['ADDED', 'ns/b', start.resourceVersion + 1]]);
  });

  test('a failure of the transformer on write is an Internal error, and leaves no items', async () => {
    const { transformer, storage } = open();
    transformer.toStorage = () => Promise.reject(new Error('no key'));
    await expect(createPod(storage, 'ns/foo')).rejects.toMatchObject({ code: 'Internal' });
    await expect(storage.get('ns/foo')).rejects.toMatchObject({ code: 'KeyNotFound' });
  });
}
