import { expect, test } from 'vitest';
import { createPod, label, newResource, type Pod, pod, type StorageHarness, text } from './harness.ts';

export function updateTests(harness: () => StorageHarness): void {
  const open = () => harness().newProcess().storageFor<Pod>(newResource());

  test("writes the function's result for the current state", async () => {
    const storage = open();
    const created = await createPod(storage, 'ns/foo', { uid: 'A' });
    const calls: unknown[] = [];
    const updated = await storage.guaranteedUpdate('ns/foo', {
      tryUpdate: async (current, resourceVersion) => {
        calls.push([current, resourceVersion]);
        return { object: { ...current!, spec: { nodeName: 'n1' } } };
      },
    });
    expect(calls).toEqual([[created.object(), created.resourceVersion]]);
    expect(updated.resourceVersion).toBeGreaterThan(created.resourceVersion);
    expect(updated.object()).toEqual(
      pod('ns/foo', { uid: 'A', nodeName: 'n1', resourceVersion: String(updated.resourceVersion) }),
    );
    expect(text(await storage.get('ns/foo'))).toBe(text(updated));
  });

  test('updating a missing key fails with KeyNotFound, without calling the function', async () => {
    let calls = 0;
    const tryUpdate = async () => {
      calls++;
      return { object: pod('ns/foo') };
    };
    await expect(open().guaranteedUpdate('ns/foo', { tryUpdate })).rejects.toMatchObject({
      code: 'KeyNotFound',
    });
    expect(calls).toBe(0);
  });

  test('ignoreNotFound creates a missing object', async () => {
    const storage = open();
    const created = await storage.guaranteedUpdate('ns/foo', {
      ignoreNotFound: true,
      tryUpdate: async (current, resourceVersion) => {
        expect([current, resourceVersion]).toEqual([undefined, 0]);
        return { object: pod('ns/foo', { uid: 'A' }) };
      },
    });
    expect(text(await storage.get('ns/foo'))).toBe(text(created));
  });

  test.each([
    [{ uid: 'A' }, undefined],
    [{ uid: 'B' }, 'Precondition failed: UID in precondition: B, UID in object meta: A'],
    [
      { resourceVersion: '1' },
      'Precondition failed: ResourceVersion in precondition: 1, ResourceVersion in object meta: current',
    ],
  ])('preconditions %j: %s', async (preconditions, message) => {
    const storage = open();
    const { resourceVersion } = await createPod(storage, 'ns/foo', { uid: 'A' });
    const result = storage.guaranteedUpdate('ns/foo', {
      preconditions,
      tryUpdate: async (current) => ({ object: { ...current!, spec: { nodeName: 'n1' } } }),
    });
    if (message === undefined) expect((await result).object().spec).toEqual({ nodeName: 'n1' });
    else {
      await expect(result).rejects.toMatchObject({
        code: 'InvalidPreconditions',
        message: message.replace('current', String(resourceVersion)),
      });
    }
  });

  test.each([false, true])('an equal result is not written (with a suggestion: %s)', async (suggest) => {
    const storage = open();
    const created = await createPod(storage, 'ns/foo');
    const updated = await storage.guaranteedUpdate('ns/foo', {
      tryUpdate: async (current) => ({ object: current! }),
      ...(suggest ? { cached: created } : {}),
    });
    expect(updated.resourceVersion).toBe(created.resourceVersion);
    expect((await storage.get('ns/foo')).resourceVersion).toBe(created.resourceVersion);
  });

  test('a result equal to an outdated suggestion is compared with the current state', async () => {
    const storage = open();
    const cached = await createPod(storage, 'ns/foo');
    await label(storage, 'ns/foo', { a: '1' });
    const updated = await storage.guaranteedUpdate('ns/foo', {
      cached,
      tryUpdate: async () => ({ object: cached.object() }),
    });
    expect(updated.object().metadata.labels).toBeUndefined();
    expect((await storage.get('ns/foo')).object().metadata.labels).toBeUndefined();
  });

  test('an error thrown by the function ends the update', async () => {
    const storage = open();
    await createPod(storage, 'ns/foo');
    const refusal = new Error('refused');
    await expect(
      storage.guaranteedUpdate('ns/foo', { tryUpdate: () => Promise.reject(refusal) }),
    ).rejects.toBe(refusal);
  });

  test('a rejection of a current suggestion is final, without another read', async () => {
    const storage = open();
    const cached = await createPod(storage, 'ns/foo');
    let calls = 0;
    await expect(
      storage.guaranteedUpdate('ns/foo', {
        cached,
        tryUpdate: async () => {
          calls++;
          throw new Error('refused');
        },
      }),
    ).rejects.toThrow('refused');
    expect(calls).toBe(1);
  });

  test('a rejection of an outdated suggestion is retried with the current state', async () => {
    const storage = open();
    const cached = await createPod(storage, 'ns/foo');
    await label(storage, 'ns/foo', { generation: '2' });
    const updated = await storage.guaranteedUpdate('ns/foo', {
      cached,
      tryUpdate: async (current) => {
        if (current?.metadata.labels?.['generation'] !== '2') throw new Error('conflict');
        return { object: { ...current, spec: { nodeName: 'n1' } } };
      },
    });
    expect(updated.object().spec).toEqual({ nodeName: 'n1' });
  });

  test('after a concurrent write the function runs again on the new state', async () => {
    const storage = open();
    await createPod(storage, 'ns/foo');
    const runs: unknown[] = [];
    const updated = await storage.guaranteedUpdate('ns/foo', {
      tryUpdate: async (current) => {
        runs.push(current?.metadata.labels);
        if (runs.length === 1) await label(storage, 'ns/foo', { a: '1' });
        return { object: { ...current!, spec: { nodeName: 'n1' } } };
      },
    });
    expect(runs).toEqual([undefined, { a: '1' }]);
    expect(updated.object()).toMatchObject({ metadata: { labels: { a: '1' } }, spec: { nodeName: 'n1' } });
  });

  test('a concurrent deletion fails with KeyNotFound', async () => {
    const storage = open();
    await createPod(storage, 'ns/foo');
    await expect(
      storage.guaranteedUpdate('ns/foo', {
        tryUpdate: async (current) => {
          await storage.delete('ns/foo');
          return { object: { ...current!, spec: { nodeName: 'n1' } } };
        },
      }),
    ).rejects.toMatchObject({ code: 'KeyNotFound' });
  });

  test('ignoreNotFound updates a concurrently created object', async () => {
    const storage = open();
    let runs = 0;
    const updated = await storage.guaranteedUpdate('ns/foo', {
      ignoreNotFound: true,
      tryUpdate: async (current) => {
        if (++runs === 1) await createPod(storage, 'ns/foo', { uid: 'first' });
        return { object: { ...(current ?? pod('ns/foo')), spec: { nodeName: 'n1' } } };
      },
    });
    expect(updated.object()).toMatchObject({ metadata: { uid: 'first' }, spec: { nodeName: 'n1' } });
    expect(runs).toBe(2);
  });

  test('no concurrent increment is lost', async () => {
    const storage = open();
    await createPod(storage, 'ns/foo', { annotations: { n: '0' } });
    const increment = () =>
      storage.guaranteedUpdate('ns/foo', {
        tryUpdate: async (current) => {
          const n = Number(current!.metadata.annotations!['n']) + 1;
          return {
            object: { ...current!, metadata: { ...current!.metadata, annotations: { n: String(n) } } },
          };
        },
      });
    const updates = await Promise.all(Array.from({ length: 25 }, increment));
    expect((await storage.get('ns/foo')).object().metadata.annotations).toEqual({ n: '25' });
    expect(
      updates.map((item) => item.object().metadata.annotations!['n']).sort((a, b) => Number(a) - Number(b)),
    ).toEqual(Array.from({ length: 25 }, (_, n) => String(n + 1)));
  });
}
