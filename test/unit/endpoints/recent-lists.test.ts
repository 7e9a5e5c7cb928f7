import { expect, test } from 'vitest';
import { RecentLists } from '../../../shared/endpoints/codec/recent-lists.ts';

const MEGABYTE = 1024 * 1024;

function setUp() {
  const sweeps: (() => void)[] = [];
  const lists = new RecentLists((run) => sweeps.push(run));
  const made: string[] = [];
  const owner = {};
  return {
    lists,
    made,
    sweeps,
    /** The list, and whether it was assembled now. */
    ask: async (head: string, versions: readonly object[], bytes = 10, by: object = owner) => {
      const before = made.length;
      const list = await lists.of({ owner: by, head, versions }, async () => {
        made.push(head);
        return new Uint8Array(bytes);
      });
      return { list, isNew: made.length > before };
    },
    sweep: () => sweeps.shift()?.(),
  };
}

const versionsOf = (count: number): object[] => Array.from({ length: count }, () => ({}));

test('a list is assembled once for the same versions of the same items', async () => {
  const { ask } = setUp();
  const versions = versionsOf(10);
  const first = await ask('a', versions);
  const again = await ask('a', [...versions]);
  expect([first.isNew, again.isNew, again.list === first.list]).toEqual([true, false, true]);
});

test.each<[string, (versions: object[]) => object[]]>([
  ['an item has changed', (versions) => versions.with(3, {})],
  ['items are in another order', (versions) => versions.toReversed()],
  ['an item is gone', (versions) => versions.slice(1)],
  ['an item has been added', (versions) => [...versions, {}]],
])('it is assembled again if %s', async (_, change) => {
  const { ask } = setUp();
  const versions = versionsOf(10);
  await ask('a', versions);
  expect(await ask('a', change(versions))).toMatchObject({ isNew: true });
});

test('lists of other writers, and with other metadata, are different', async () => {
  const { ask } = setUp();
  const versions = versionsOf(10);
  const { list } = await ask('a', versions);
  const others = [await ask('b', versions), await ask('a', versions, 10, {})];
  expect(others.map(({ isNew }) => isNew)).toEqual([true, true]);
  expect((await ask('a', versions)).list).toBe(list);
});

test('concurrent requests share one list', async () => {
  const { ask, made } = setUp();
  const versions = versionsOf(10);
  const [one, two] = await Promise.all([ask('a', versions), ask('a', versions)]);
  expect([made, one.list === two.list]).toEqual([['a'], true]);
});

test('a list that fails is assembled again', async () => {
  const { ask, lists } = setUp();
  const versions = versionsOf(10);
  const failing = lists.of({ owner: ask, head: 'a', versions }, async () => {
    throw new Error('not now');
  });
  await expect(failing).rejects.toThrow('not now');
  expect(await ask('a', versions, 10, ask)).toMatchObject({ isNew: true });
});

test('small lists and very large ones are not kept', async () => {
  const { ask, lists } = setUp();
  const few = versionsOf(7);
  const versions = versionsOf(10);
  for (let n = 0; n < 2; n++) {
    expect(await ask('few', few)).toMatchObject({ isNew: true });
    expect(await ask('large', versions, 5 * MEGABYTE)).toMatchObject({ isNew: true });
  }
  expect(lists.bytes).toBe(0);
});

test('the least recently requested lists make room for others', async () => {
  const { ask, lists } = setUp();
  const all = ['a', 'b', 'c', 'd'].map((head) => [head, versionsOf(10)] as const);
  for (const [head, versions] of all) await ask(head, versions, 4 * MEGABYTE);
  expect(lists.bytes).toBe(32 * MEGABYTE);
  await ask(...all[0]!, 4 * MEGABYTE);
  await ask('e', versionsOf(10), 4 * MEGABYTE);
  expect(lists.bytes).toBe(32 * MEGABYTE);
  const again = [await ask(...all[0]!, 4 * MEGABYTE), await ask(...all[1]!, 4 * MEGABYTE)];
  expect(again.map(({ isNew }) => isNew)).toEqual([false, true]);
});

test('lists that are not requested again are dropped, and sweeping ends with them', async () => {
  const { ask, lists, sweep, sweeps } = setUp();
  const [used, unused] = [versionsOf(10), versionsOf(10)];
  await ask('used', used);
  await ask('unused', unused);
  sweep();
  await ask('used', used);
  sweep();
  expect(lists.bytes).toBe(20);
  expect(await ask('used', used)).toMatchObject({ isNew: false });
  sweep();
  sweep();
  expect([lists.bytes, sweeps.length]).toEqual([0, 0]);
});
