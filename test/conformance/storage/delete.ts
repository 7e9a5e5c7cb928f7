import { expect, test } from 'vitest';
import type { Preconditions } from '../../../shared/storage/storage.ts';
import { createPod, label, newResource, type Pod, type StorageHarness } from './harness.ts';

export function deleteTests(harness: () => StorageHarness): void {
  const open = () => harness().newProcess().storageFor<Pod>(newResource());

  test('returns the last state at the revision of the deletion', async () => {
    const storage = open();
    const created = await createPod(storage, 'ns/foo', { labels: { a: '1' } });
    const gone = await storage.delete('ns/foo');
    expect(gone.resourceVersion).toBeGreaterThan(created.resourceVersion);
    expect(gone.object()).toEqual({
      ...created.object(),
      metadata: { ...created.object().metadata, resourceVersion: String(gone.resourceVersion) },
    });
    await expect(storage.get('ns/foo')).rejects.toMatchObject({ code: 'KeyNotFound' });
  });

  test('deleting a missing key fails with KeyNotFound', async () => {
    const storage = open();
    await expect(storage.delete('ns/foo')).rejects.toMatchObject({ code: 'KeyNotFound' });
    await createPod(storage, 'ns/foo');
    await storage.delete('ns/foo');
    await expect(storage.delete('ns/foo')).rejects.toMatchObject({ code: 'KeyNotFound' });
  });

  test.each<[Preconditions, string | undefined]>([
    [{ uid: 'A' }, undefined],
    [{ uid: 'B' }, 'Precondition failed: UID in precondition: B, UID in object meta: A'],
    [{ resourceVersion: 'current' }, undefined],
    [
      { resourceVersion: '1' },
      'Precondition failed: ResourceVersion in precondition: 1, ResourceVersion in object meta: current',
    ],
    [
      { uid: 'A', resourceVersion: '1' },
      'Precondition failed: ResourceVersion in precondition: 1, ResourceVersion in object meta: current',
    ],
  ])('preconditions %j: %s', async (preconditions, message) => {
    const storage = open();
    const { resourceVersion } = await createPod(storage, 'ns/foo', { uid: 'A' });
    const current = String(resourceVersion);
    const asked = {
      ...preconditions,
      ...(preconditions.resourceVersion === 'current' ? { resourceVersion: current } : {}),
    };
    const result = storage.delete('ns/foo', { preconditions: asked });
    if (message === undefined) await result;
    else {
      await expect(result).rejects.toMatchObject({
        code: 'InvalidPreconditions',
        message: message.replace('current', current),
      });
      expect((await storage.get('ns/foo')).resourceVersion).toBe(resourceVersion);
    }
  });

  test('a current suggestion is used', async () => {
    const storage = open();
    const cached = await createPod(storage, 'ns/foo');
    await storage.delete('ns/foo', { cached });
    await expect(storage.get('ns/foo')).rejects.toMatchObject({ code: 'KeyNotFound' });
  });

  test('an outdated suggestion is replaced by the current state', async () => {
    const storage = open();
    const cached = await createPod(storage, 'ns/foo');
    await label(storage, 'ns/foo', { a: '1' });
    const gone = await storage.delete('ns/foo', { cached });
    expect(gone.object().metadata.labels).toEqual({ a: '1' });
  });

  test('a suggestion for a deleted object fails with KeyNotFound', async () => {
    const storage = open();
    const cached = await createPod(storage, 'ns/foo');
    await storage.delete('ns/foo');
    await expect(storage.delete('ns/foo', { cached })).rejects.toMatchObject({ code: 'KeyNotFound' });
  });

  test('a suggestion of a former incarnation does not delete the current object unchecked', async () => {
    const storage = open();
    const cached = await createPod(storage, 'ns/foo', { uid: 'A' });
    await storage.delete('ns/foo');
    await createPod(storage, 'ns/foo', { uid: 'B' });
    await expect(storage.delete('ns/foo', { cached, preconditions: { uid: 'A' } })).rejects.toMatchObject({
      code: 'InvalidPreconditions',
    });
    expect((await storage.get('ns/foo')).object().metadata.uid).toBe('B');
  });

  test('after a concurrent write the validation runs once more', async () => {
    const storage = open();
    await createPod(storage, 'ns/foo');
    const validated: unknown[] = [];
    const gone = await storage.delete('ns/foo', {
      validateDeletion: async ({ metadata }) => {
        validated.push(metadata.labels);
        if (validated.length === 1) await label(storage, 'ns/foo', { a: '1' });
      },
    });
    expect(validated).toEqual([undefined, { a: '1' }]);
    expect(gone.object().metadata.labels).toEqual({ a: '1' });
  });

  test('a rejection by the validation ends the deletion with its error, after one read of the current state', async () => {
    const storage = open();
    const cached = await createPod(storage, 'ns/foo');
    const refusal = new Error('refused');
    let calls = 0;
    const validateDeletion = async () => {
      calls++;
      throw refusal;
    };
    await expect(storage.delete('ns/foo', { validateDeletion, cached })).rejects.toBe(refusal);
    expect(calls).toBe(1);
    expect((await storage.get('ns/foo')).resourceVersion).toBe(cached.resourceVersion);
  });

  test('a rejection of an outdated suggestion is retried with the current state', async () => {
    const storage = open();
    const cached = await createPod(storage, 'ns/foo');
    await label(storage, 'ns/foo', { fresh: 'yes' });
    await storage.delete('ns/foo', {
      cached,
      validateDeletion: async ({ metadata }) => {
        if (metadata.labels?.['fresh'] !== 'yes') throw new Error('stale');
      },
    });
    await expect(storage.get('ns/foo')).rejects.toMatchObject({ code: 'KeyNotFound' });
  });

  test('a validation that accepts only the suggestion rejects the deletion', async () => {
    const storage = open();
    const cached = await createPod(storage, 'ns/foo', { labels: { ok: 'yes' } });
    await label(storage, 'ns/foo', { ok: 'no' });
    await expect(
      storage.delete('ns/foo', {
        cached,
        validateDeletion: async ({ metadata }) => {
          if (metadata.labels?.['ok'] !== 'yes') throw new Error('not ok');
        },
      }),
    ).rejects.toThrow('not ok');
    expect((await storage.get('ns/foo')).object().metadata.labels).toEqual({ ok: 'no' });
  });

  test('preconditions that only the current state meets delete the object', async () => {
    const storage = open();
    const cached = await createPod(storage, 'ns/foo');
    await storage.guaranteedUpdate('ns/foo', {
      tryUpdate: async (current) => ({
        object: { ...current!, metadata: { ...current!.metadata, uid: 'mine' } },
      }),
    });
    await storage.delete('ns/foo', { cached, preconditions: { uid: 'mine' } });
    await expect(storage.get('ns/foo')).rejects.toMatchObject({ code: 'KeyNotFound' });
  });
}
