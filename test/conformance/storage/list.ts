import { beforeAll, describe, expect, test } from 'vitest';
import type { Storage, StoredObject } from '../../../shared/storage/storage.ts';
import { createPod, label, names, newResource, type Pod, type StorageHarness } from './harness.ts';

const onNode = (nodeName: string) => ({
  matches: ({ fields }: { fields: Readonly<Record<string, string>> }) => fields['spec.nodeName'] === nodeName,
});

export function listTests(harness: () => StorageHarness): void {
  const open = () => harness().newProcess().storageFor<Pod>(newResource());

  test('of an empty resource is empty, at a revision other than 0', async () => {
    const result = await open().list({ prefix: '' });
    expect(result).toEqual({ items: [], resourceVersion: expect.any(Number), continue: '' });
    expect(result.resourceVersion).toBeGreaterThan(0);
  });

  test('a list of an empty resource can be watched from', async () => {
    const storage = open();
    const { resourceVersion } = await storage.list({ prefix: '' });
    const watch = await storage.watch({ prefix: '', resourceVersion: String(resourceVersion) });
    const created = await createPod(storage, 'ns/foo');
    for await (const event of watch) {
      expect(event).toMatchObject({ type: 'ADDED', item: { resourceVersion: created.resourceVersion } });
      break;
    }
  });

  test('is in key order, for one prefix', async () => {
    const storage = open();
    for (const key of ['b/1', 'a/2', 'b-c/1', 'a/1', 'b/0']) await createPod(storage, key);
    expect(names((await storage.list({ prefix: '' })).items)).toEqual(['a/1', 'a/2', 'b-c/1', 'b/0', 'b/1']);
    expect(names((await storage.list({ prefix: 'b/' })).items)).toEqual(['b/0', 'b/1']);
    expect(names((await storage.list({ prefix: 'c/' })).items)).toEqual([]);
  });

  test('is in key order for objects without a namespace', async () => {
    const storage = open();
    for (const key of ['n2', 'n1', 'n10']) await createPod(storage, key);
    expect(names((await storage.list({ prefix: '' })).items)).toEqual(['n1', 'n10', 'n2']);
  });

  test('its revision is the last write under any prefix', async () => {
    const storage = open();
    await createPod(storage, 'a/1');
    const last = await createPod(storage, 'b/1');
    expect((await storage.list({ prefix: 'a/' })).resourceVersion).toBe(last.resourceVersion);
    const gone = await storage.delete('b/1');
    expect((await storage.list({ prefix: 'a/' })).resourceVersion).toBe(gone.resourceVersion);
  });

  test('selects by labels and fields', async () => {
    const storage = open();
    await createPod(storage, 'ns/1', { nodeName: 'a', labels: { app: 'x' } });
    await createPod(storage, 'ns/2', { nodeName: 'b', labels: { app: 'x' } });
    await createPod(storage, 'ns/3', { nodeName: 'a', labels: { app: 'y' } });
    const list = async (predicate: Parameters<typeof storage.list>[0]['predicate']) =>
      names((await storage.list({ prefix: '', predicate })).items);
    expect(await list(onNode('a'))).toEqual(['ns/1', 'ns/3']);
    expect(await list({ matches: ({ labels }) => labels['app'] === 'x' })).toEqual(['ns/1', 'ns/2']);
  });

  test('a selector for one name reads one object', async () => {
    const storage = open();
    for (const key of ['a/x', 'a/xy', 'b/x']) await createPod(storage, key);
    const byName = (name: string, namespace?: string) => ({
      metadataName: name,
      ...(namespace === undefined ? {} : { metadataNamespace: namespace }),
      matches: ({ fields }: { fields: Readonly<Record<string, string>> }) =>
        fields['metadata.name'] === name &&
        (namespace === undefined || fields['metadata.namespace'] === namespace),
    });
    const list = async (prefix: string, predicate: ReturnType<typeof byName>) =>
      names((await storage.list({ prefix, predicate })).items);
    expect(await list('a/', byName('x'))).toEqual(['a/x']);
    expect(await list('', byName('x'))).toEqual(['a/x', 'b/x']);
    expect(await list('', byName('x', 'b'))).toEqual(['b/x']);
    expect(await list('a/', byName('x', 'b'))).toEqual([]);
    expect(await list('a/', byName('none'))).toEqual([]);
  });

  describe('at a revision', () => {
    let storage: Storage<Pod>;
    const at: Record<string, number> = {};
    /** The keys that exist after each of the writes. */
    const states: Record<string, string[]> = {};
    let last: StoredObject<Pod>;

    beforeAll(async () => {
      storage = open();
      at['start'] = (await storage.list({ prefix: '' })).resourceVersion;
      states['start'] = [];
      const write = async (step: string, promise: Promise<StoredObject<Pod>>) => {
        last = await promise;
        at[step] = last.resourceVersion;
        states[step] = (await storage.list({ prefix: '' })).items.map(
          (item) => `${item.key}@${item.resourceVersion}`,
        );
      };
      await write('create a', createPod(storage, 'ns/a', { nodeName: 'n1' }));
      await write('create c', createPod(storage, 'ns/c', { nodeName: 'n1' }));
      await write('create b', createPod(storage, 'ns/b', { nodeName: 'n2' }));
      await write('update a', label(storage, 'ns/a', { x: '1' }));
      await write('delete c', storage.delete('ns/c'));
      await write('create c again', createPod(storage, 'ns/c', { nodeName: 'n2' }));
      await write('update a again', label(storage, 'ns/a', { x: '2' }));
      await write('delete a', storage.delete('ns/a'));
    });

    const STEPS = [
      'start',
      'create a',
      'create c',
      'create b',
      'update a',
      'delete c',
      'create c again',
      'update a again',
      'delete a',
    ];

    test('the states differ', () => {
      expect(new Set(Object.values(states).map((state) => state.join())).size).toBe(STEPS.length);
    });

    test.each(STEPS)('Exact after "%s" returns the objects at that time', async (step) => {
      const result = await storage.list({
        prefix: '',
        resourceVersion: String(at[step]),
        resourceVersionMatch: 'Exact',
      });
      expect(result.items.map((item) => `${item.key}@${item.resourceVersion}`)).toEqual(states[step]);
      expect(result.resourceVersion).toBe(at[step]);
    });

    test.each(STEPS)('Exact with a limit, page by page, after "%s"', async (step) => {
      const items: string[] = [];
      let token = '';
      do {
        const result = await storage.list(
          token === ''
            ? { prefix: '', limit: 1, resourceVersion: String(at[step]), resourceVersionMatch: 'Exact' }
            : { prefix: '', limit: 1, continue: token },
        );
        expect(result.resourceVersion).toBe(at[step]);
        items.push(...result.items.map((item) => `${item.key}@${item.resourceVersion}`));
        token = result.continue;
      } while (token !== '');
      expect(items).toEqual(states[step]);
    });

    test('a limit without a match makes a revision exact, for compatibility', async () => {
      const result = await storage.list({ prefix: '', limit: 10, resourceVersion: String(at['create b']) });
      expect(result.items.map((item) => `${item.key}@${item.resourceVersion}`)).toEqual(states['create b']);
      expect(result.resourceVersion).toBe(at['create b']);
    });

    test.each([
      ['', ''],
      ['1', ''],
      ['1', 'NotOlderThan'],
      ['create b', ''],
      ['create b', 'NotOlderThan'],
      ['delete a', ''],
      ['delete a', 'NotOlderThan'],
    ] as const)(
      'resourceVersion %j with match %j returns the newest state',
      async (step, resourceVersionMatch) => {
        const resourceVersion = at[step] === undefined ? step : String(at[step]);
        const result = await storage.list({ prefix: '', resourceVersion, resourceVersionMatch });
        expect(result.items.map((item) => `${item.key}@${item.resourceVersion}`)).toEqual(states['delete a']);
        expect(result.resourceVersion).toBe(at['delete a']);
      },
    );

    test.each(['', 'NotOlderThan'] as const)(
      'resourceVersion 0 with match %j returns some state',
      async (resourceVersionMatch) => {
        const result = await storage.list({ prefix: '', resourceVersion: '0', resourceVersionMatch });
        expect(Object.values(states)).toContainEqual(
          result.items.map((item) => `${item.key}@${item.resourceVersion}`),
        );
      },
    );

    test.each(['', 'Exact', 'NotOlderThan'] as const)(
      'a future revision with match %j fails with TooLargeResourceVersion',
      async (resourceVersionMatch) => {
        await expect(
          storage.list({ prefix: '', resourceVersion: String(at['delete a']! + 100), resourceVersionMatch }),
        ).rejects.toMatchObject({
          code: 'TooLargeResourceVersion',
          message: `Too large resource version: ${at['delete a']! + 100}, current: ${at['delete a']}`,
        });
      },
    );

    test('an exact list selects by the objects at that revision', async () => {
      const list = async (step: string, nodeName: string) =>
        names(
          (
            await storage.list({
              prefix: '',
              resourceVersion: String(at[step]),
              resourceVersionMatch: 'Exact',
              predicate: onNode(nodeName),
            })
          ).items,
        );
      expect(await list('create b', 'n1')).toEqual(['ns/a', 'ns/c']);
      expect(await list('create c again', 'n1')).toEqual(['ns/a']);
      expect(await list('create c again', 'n2')).toEqual(['ns/b', 'ns/c']);
    });

    test('an invalid resourceVersion fails with InvalidResourceVersion', async () => {
      await expect(storage.list({ prefix: '', resourceVersion: 'abc' })).rejects.toMatchObject({
        code: 'InvalidResourceVersion',
        message:
          'invalid resource version: resourceVersion: Invalid value: "abc": strconv.ParseUint: parsing "abc": invalid syntax',
      });
    });
  });

  test('an exact revision beyond the retention time fails with Expired', async () => {
    const storage = open();
    const created = await createPod(storage, 'ns/a');
    await label(storage, 'ns/a', { x: '1' });
    harness().advance(harness().retentionMs + 1_000);
    const last = await label(storage, 'ns/a', { x: '2' });
    await expect(
      storage.list({
        prefix: '',
        resourceVersion: String(created.resourceVersion),
        resourceVersionMatch: 'Exact',
      }),
    ).rejects.toMatchObject({
      code: 'Expired',
      message: 'The resourceVersion for the provided list is too old.',
    });
    const newest = await storage.list({ prefix: '', resourceVersion: String(created.resourceVersion) });
    expect(newest.resourceVersion).toBe(last.resourceVersion);
  });
}
