import { expect, test } from 'vitest';
import { added, createPod, newResource, type Pod, type Seen, type StorageHarness, take } from './harness.ts';

export function watchListTests(harness: () => StorageHarness): void {
  const open = () => harness().newProcess().storageFor<Pod>(newResource());

  /** After upstream's RunWatchSemantics: `initial` is the expected result for three existing pods. */
  test.each([
    { resourceVersion: '', sendInitialEvents: true, allowBookmarks: true, initial: 'all, then a bookmark' },
    { resourceVersion: '', sendInitialEvents: true, allowBookmarks: false, initial: 'all' },
    { resourceVersion: '', sendInitialEvents: false, allowBookmarks: true, initial: 'none' },
    { resourceVersion: '', sendInitialEvents: false, allowBookmarks: false, initial: 'none' },
    { resourceVersion: '', sendInitialEvents: undefined, allowBookmarks: false, initial: 'all' },
    { resourceVersion: '0', sendInitialEvents: true, allowBookmarks: true, initial: 'all, then a bookmark' },
    { resourceVersion: '0', sendInitialEvents: true, allowBookmarks: false, initial: 'all' },
    { resourceVersion: '0', sendInitialEvents: false, allowBookmarks: true, initial: 'none' },
    { resourceVersion: '0', sendInitialEvents: false, allowBookmarks: false, initial: 'none' },
    { resourceVersion: '0', sendInitialEvents: undefined, allowBookmarks: false, initial: 'all' },
    { resourceVersion: '1', sendInitialEvents: true, allowBookmarks: true, initial: 'all, then a bookmark' },
    { resourceVersion: '1', sendInitialEvents: true, allowBookmarks: false, initial: 'all' },
    { resourceVersion: '1', sendInitialEvents: false, allowBookmarks: true, initial: 'all' },
    { resourceVersion: '1', sendInitialEvents: undefined, allowBookmarks: false, initial: 'all' },
    {
      resourceVersion: 'current',
      sendInitialEvents: true,
      allowBookmarks: true,
      initial: 'all, then a bookmark',
    },
    { resourceVersion: 'current', sendInitialEvents: true, allowBookmarks: false, initial: 'all' },
    { resourceVersion: 'current', sendInitialEvents: false, allowBookmarks: true, initial: 'none' },
    { resourceVersion: 'current', sendInitialEvents: undefined, allowBookmarks: false, initial: 'none' },
  ])(
    'resourceVersion $resourceVersion, sendInitialEvents $sendInitialEvents, bookmarks $allowBookmarks: $initial',
    async ({ resourceVersion, sendInitialEvents, allowBookmarks, initial }) => {
      const storage = open();
      const before = [
        await createPod(storage, 'ns/1'),
        await createPod(storage, 'ns/2'),
        await createPod(storage, 'ns/3'),
      ];
      const current = String((await storage.list({ prefix: '' })).resourceVersion);
      const watch = await storage.watch({
        prefix: 'ns/',
        resourceVersion: resourceVersion === 'current' ? current : resourceVersion,
        sendInitialEvents,
        allowBookmarks,
        ...(sendInitialEvents ? { resourceVersionMatch: 'NotOlderThan' } : {}),
      });
      const after = [await createPod(storage, 'ns/4'), await createPod(storage, 'ns/5')];
      const expected: Seen[] = [
        ...(initial === 'none' ? [] : before.map(added)),
        ...(initial === 'all, then a bookmark' ? [['INITIAL-END', '', Number(current)] as Seen] : []),
        ...after.map(added),
      ];
      const events: Seen[] = [];
      while (events.length < expected.length) {
        const [event] = await take(watch, 1);
        if (event![0] !== 'BOOKMARK') events.push(event!);
      }
      expect(events).toEqual(expected);
      watch.stop();
    },
  );

  test('the bookmark has the revision of the resource, not of the namespace', async () => {
    const storage = open();
    const pod = await createPod(storage, 'ns/1');
    const elsewhere = await createPod(storage, 'other/1');
    const watch = await storage.watch({ prefix: 'ns/', sendInitialEvents: true, allowBookmarks: true });
    expect(await take(watch, 2)).toEqual([added(pod), ['INITIAL-END', '', elsewhere.resourceVersion]]);
    watch.stop();
  });

  test('initial events are selected', async () => {
    const storage = open();
    const wanted = await createPod(storage, 'ns/1');
    await createPod(storage, 'ns/2');
    const last = await createPod(storage, 'other/2');
    const watch = await storage.watch({
      prefix: '',
      sendInitialEvents: true,
      allowBookmarks: true,
      predicate: { matches: ({ fields }) => fields['metadata.name'] === '1', metadataName: '1' },
    });
    expect(await take(watch, 2)).toEqual([added(wanted), ['INITIAL-END', '', last.resourceVersion]]);
    watch.stop();
  });

  test('a watch of an empty resource starts with the bookmark', async () => {
    const storage = open();
    const watch = await storage.watch({ prefix: '', sendInitialEvents: true, allowBookmarks: true });
    const [[type, , revision]] = (await take(watch, 1)) as [Seen];
    expect(type).toBe('INITIAL-END');
    expect(revision).toBeGreaterThan(0);
    watch.stop();
  });

  test('initial events at a revision that was never reached fail with TooLargeResourceVersion', async () => {
    const storage = open();
    const { resourceVersion } = await createPod(storage, 'ns/1');
    await expect(
      storage.watch({
        prefix: '',
        sendInitialEvents: true,
        resourceVersion: String(resourceVersion + 1_000),
        resourceVersionMatch: 'NotOlderThan',
      }),
    ).rejects.toMatchObject({ code: 'TooLargeResourceVersion' });
  });
}
