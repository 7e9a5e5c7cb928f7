import { expect, test } from 'vitest';
import type { SelectionPredicate } from '../../../shared/storage/selection-predicate.ts';
import type { Storage, StoredObject, Watch } from '../../../shared/storage/storage.ts';
import {
  added,
  createPod,
  deleted,
  iteratorOf,
  label,
  modified,
  newResource,
  type Pod,
  pod,
  type StorageHarness,
  take,
} from './harness.ts';

const onNode = (nodeName: string): SelectionPredicate => ({
  matches: ({ fields }) => fields['spec.nodeName'] === nodeName,
});
const notOnNode = (nodeName: string): SelectionPredicate => ({
  matches: ({ fields }) => fields['spec.nodeName'] !== nodeName,
});
const selected: SelectionPredicate = { matches: ({ labels }) => labels['select'] === 'true' };

function assign(storage: Storage<Pod>, key: string, fields: Parameters<typeof pod>[1]) {
  return storage.guaranteedUpdate(key, {
    ignoreNotFound: true,
    tryUpdate: async () => ({ object: pod(key, fields) }),
  });
}

/** Expects no further event: the next one must be that of a write made now. */
async function expectNoMore(
  storage: Storage<Pod>,
  watch: Watch<Pod>,
  key: string,
  fields: Parameters<typeof pod>[1] = {},
) {
  const sentinel = await createPod(storage, key, fields);
  expect(await take(watch, 1)).toEqual([added(sentinel)]);
}

export function watchTests(harness: () => StorageHarness): void {
  const open = () => harness().newProcess().storageFor<Pod>(newResource());
  const watchFrom = async (
    storage: Storage<Pod>,
    from: StoredObject<Pod> | number,
    options: Partial<Parameters<typeof storage.watch>[0]> = {},
  ) =>
    await storage.watch({
      prefix: '',
      resourceVersion: String(typeof from === 'number' ? from : from.resourceVersion),
      ...options,
    });

  test.each(['', 'ns/'])('delivers creates, updates and deletes of prefix %j in order', async (prefix) => {
    const storage = open();
    const { resourceVersion } = await storage.list({ prefix });
    const watch = await watchFrom(storage, resourceVersion, { prefix });
    const expected = [
      added(await createPod(storage, 'ns/foo')),
      modified(await label(storage, 'ns/foo', { a: '1' })),
      added(await createPod(storage, 'ns/bar')),
      deleted(await storage.delete('ns/foo')),
      added(await createPod(storage, 'ns/foo')),
    ];
    expect(await take(watch, 5)).toEqual(expected);
    watch.stop();
  });

  test('excludes other prefixes', async () => {
    const storage = open();
    const watch = await storage.watch({ prefix: 'ns/' });
    await createPod(storage, 'ns-bad/foo');
    await createPod(storage, 'other/foo');
    await expectNoMore(storage, watch, 'ns/foo');
  });

  test.each<
    [
      string,
      SelectionPredicate,
      Parameters<typeof pod>[1],
      [Parameters<typeof pod>[1] | undefined, string | undefined][],
    ]
  >([
    [
      'updated to match',
      onNode('bar'),
      { nodeName: 'bar' },
      [
        [{}, undefined],
        [{ nodeName: 'bar' }, 'ADDED'],
      ],
    ],
    [
      'updated, matching before and after',
      notOnNode('x'),
      {},
      [
        [{}, 'ADDED'],
        [{ nodeName: 'bar' }, 'MODIFIED'],
      ],
    ],
    [
      'updated to stop matching',
      notOnNode('bar'),
      {},
      [
        [{}, 'ADDED'],
        [{ nodeName: 'bar' }, 'DELETED'],
      ],
    ],
    [
      'starts and stops matching',
      selected,
      { labels: { select: 'true' } },
      [
        [{ labels: { select: 'true' } }, 'ADDED'],
        [{}, 'DELETED'],
        [{ labels: { select: 'true' } }, 'ADDED'],
        [{ labels: { select: 'true' }, nodeName: 'bar' }, 'MODIFIED'],
        [undefined, 'DELETED'],
      ],
    ],
    [
      'deleted without a match',
      selected,
      { labels: { select: 'true' } },
      [
        [{}, undefined],
        [undefined, undefined],
      ],
    ],
  ])('with a selector: %s', async (_, predicate, sentinel, writes) => {
    const storage = open();
    const watch = await storage.watch({ prefix: '', predicate });
    const expected: unknown[] = [];
    let before: Pod | undefined;
    for (const [fields, type] of writes) {
      const written =
        fields === undefined ? await storage.delete('ns/foo') : await assign(storage, 'ns/foo', fields);
      if (type === 'DELETED') {
        // An object that stops matching is reported in its last matching form, at the revision of the change.
        expected.push([
          type,
          { ...before, metadata: { ...before!.metadata, resourceVersion: String(written.resourceVersion) } },
        ]);
      } else if (type !== undefined) expected.push([type, written.object()]);
      before = written.object();
    }
    const iterator = iteratorOf(watch);
    for (const event of expected) {
      const { value } = await iterator.next();
      expect([value?.type, value?.type === 'BOOKMARK' ? undefined : value?.item.object()]).toEqual(event);
    }
    await expectNoMore(storage, watch, 'ns/sentinel', sentinel);
    watch.stop();
  });

  test('from a revision delivers all later changes', async () => {
    const storage = open();
    const created = await createPod(storage, 'ns/foo');
    const updated = await label(storage, 'ns/foo', { a: '1' });
    const other = await createPod(storage, 'ns/bar');
    expect(await take(await watchFrom(storage, created), 2)).toEqual([modified(updated), added(other)]);
    expect(await take(await watchFrom(storage, updated), 1)).toEqual([added(other)]);
  });

  test('from a much older revision delivers all changes in order, once', async () => {
    const storage = open();
    const { resourceVersion } = await storage.list({ prefix: '' });
    const created = await Promise.all(
      Array.from({ length: 300 }, (_, n) => createPod(storage, `ns/pod-${n}`)),
    );
    const inOrder = created.map(added).sort((a, b) => a[2] - b[2]);
    expect(await take(await watchFrom(storage, resourceVersion), 300)).toEqual(inOrder);
  });

  test('a new process can watch from a revision', async () => {
    const config = newResource();
    const writer = harness().newProcess().storageFor<Pod>(config);
    const created = await createPod(writer, 'ns/foo');
    const updated = await label(writer, 'ns/foo', { a: '1' });
    const watcher = harness().newProcess().storageFor<Pod>(config);
    const watch = await watchFrom(watcher, created);
    expect(await take(watch, 1)).toEqual([modified(updated)]);
    const gone = await writer.delete('ns/foo');
    expect(await take(watch, 1)).toEqual([deleted(gone)]);
  });

  test('without initial events starts at the newest state', async () => {
    const storage = open();
    await createPod(storage, 'ns/foo');
    const watch = await storage.watch({ prefix: '', sendInitialEvents: false });
    await expectNoMore(storage, watch, 'ns/bar');
  });

  test('from an expired revision fails with Expired immediately', async () => {
    const storage = open();
    const created = await createPod(storage, 'ns/foo');
    await label(storage, 'ns/foo', { a: '1' });
    harness().advance(harness().retentionMs + 1_000);
    const newest = await label(storage, 'ns/foo', { a: '2' });
    const other = harness()
      .newProcess()
      .storageFor<Pod>({ ...newResource(), resourcePrefix: storage.resourcePrefix });
    await expect(watchFrom(other, created)).rejects.toMatchObject({
      code: 'Expired',
      message: 'The resourceVersion for the provided watch is too old.',
    });
    // A revision without later changes never expires.
    await expectNoMore(other, await watchFrom(other, newest), 'ns/bar');
    // Nor does a watch that starts with the current objects.
    expect(await take(await other.watch({ prefix: '', resourceVersion: '0' }), 2)).toHaveLength(2);
  });

  test('from a future revision delivers the changes after it', async () => {
    const storage = open();
    const created = await createPod(storage, 'ns/foo');
    const watch = await watchFrom(storage, created.resourceVersion + 2);
    const changes: StoredObject<Pod>[] = [];
    for (const a of ['1', '2', '3', '4']) changes.push(await label(storage, 'ns/foo', { a }));
    expect(await take(watch, 2)).toEqual([modified(changes[2]!), modified(changes[3]!)]);
  });

  test('an invalid resourceVersion fails with InvalidResourceVersion', async () => {
    await expect(open().watch({ prefix: '', resourceVersion: 'abc' })).rejects.toMatchObject({
      code: 'InvalidResourceVersion',
      message: 'resourceVersion: Invalid value: "abc": strconv.ParseUint: parsing "abc": invalid syntax',
    });
  });

  test('ends when it is stopped while waiting', async () => {
    const watch = await open().watch({ prefix: '' });
    const next = iteratorOf(watch).next();
    watch.stop();
    expect(await next).toEqual({ done: true, value: undefined });
    expect(await iteratorOf(watch).next()).toEqual({ done: true, value: undefined });
  });

  test('ends when its signal aborts, before or while waiting', async () => {
    const storage = open();
    const controller = new AbortController();
    const watch = await storage.watch({ prefix: '', signal: controller.signal });
    const next = iteratorOf(watch).next();
    controller.abort();
    expect(await next).toEqual({ done: true, value: undefined });
    const late = await storage.watch({ prefix: '', signal: controller.signal });
    expect(await iteratorOf(late).next()).toEqual({ done: true, value: undefined });
  });

  test('a slow consumer misses no event', async () => {
    const storage = open();
    const { resourceVersion } = await storage.list({ prefix: '' });
    const slow = await watchFrom(storage, resourceVersion);
    const first = await createPod(storage, 'ns/first', { annotations: { pad: 'x'.repeat(2_000) } });
    expect(await take(slow, 1)).toEqual([added(first)]);
    const expected: unknown[] = [];
    for (let n = 0; n < 60; n++) expected.push(modified(await label(storage, 'ns/first', { n: String(n) })));
    expect(await take(slow, 60)).toEqual(expected);
  });

  test('hundreds of watchers receive every change', async () => {
    const storage = open();
    const { resourceVersion } = await storage.list({ prefix: '' });
    const watches = await Promise.all(Array.from({ length: 220 }, () => watchFrom(storage, resourceVersion)));
    const heard = Promise.all(watches.map((watch) => take(watch, 2)));
    const changes = [
      added(await createPod(storage, 'ns/a')),
      modified(await assign(storage, 'ns/a', { labels: { a: 'b' } })),
    ];
    expect(await heard).toEqual(watches.map(() => changes));
  });

  test('watchers do not wait for each other', async () => {
    const storage = open();
    const { resourceVersion } = await storage.list({ prefix: '' });
    const watches = await Promise.all(Array.from({ length: 50 }, () => watchFrom(storage, resourceVersion)));
    const idle = await watchFrom(storage, resourceVersion);
    const created = await createPod(storage, 'ns/foo');
    expect(await Promise.all(watches.map((watch) => take(watch, 1)))).toEqual(
      Array(50).fill([added(created)]),
    );
    idle.stop();
  });

  test('bookmarks report progress, including past changes that are not selected', async () => {
    const storage = open();
    const { resourceVersion } = await storage.list({ prefix: '' });
    const watch = await watchFrom(storage, resourceVersion, { prefix: 'ns/', allowBookmarks: true });
    const elsewhere = await createPod(storage, 'other/foo');
    let [type, , revision] = (await take(watch, 1))[0]!;
    while (revision < elsewhere.resourceVersion)
      [[type, , revision]] = (await take(watch, 1)) as [[string, string, number]];
    expect([type, revision]).toEqual(['BOOKMARK', elsewhere.resourceVersion]);
    watch.stop();
  });

  test('bookmarks are only sent on request', async () => {
    const storage = open();
    const watch = await storage.watch({ prefix: 'ns/' });
    await createPod(storage, 'other/foo');
    await new Promise((resolve) => setTimeout(resolve, harness().bookmarkMs * 3));
    await expectNoMore(storage, watch, 'ns/foo');
  });

  test('revisions of bookmarks and events never decrease', async () => {
    const storage = open();
    const { resourceVersion } = await storage.list({ prefix: '' });
    const watch = await watchFrom(storage, resourceVersion, { allowBookmarks: true });
    const writes = (async () => {
      for (let n = 0; n < 30; n++) await createPod(storage, `ns/pod-${n}`);
    })();
    let last = resourceVersion;
    for (let events = 0; events < 30; ) {
      const [type, , revision] = (await take(watch, 1))[0]!;
      if (type === 'BOOKMARK') expect(revision).toBeGreaterThanOrEqual(last);
      else {
        expect(revision).toBeGreaterThan(last);
        events++;
      }
      last = revision;
    }
    await writes;
    watch.stop();
  });
}
