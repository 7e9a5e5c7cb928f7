import { expect, test } from 'vitest';
import { deleteInstances } from '../../../shared/apiextensions/controller/instance-deleter.ts';
import type { CustomResourceStore } from '../../../shared/apiextensions/registry/customresource/custom-resource-store.ts';

const LARGE = 100_000;

/** A store of objects of these sizes in bytes, whose deletions take a while. */
function storeOf(sizes: readonly number[]) {
  const items = new Map(sizes.map((size, i) => [`${size === LARGE ? 'large' : 'small'}-${i}`, size]));
  const now = { large: 0, small: 0 };
  const most = { large: 0, small: 0 };
  const store = {
    storage: {
      list: async () => ({
        items: [...items].map(([name, size]) => ({
          bytes: { length: size },
          objectInPieces: async () => ({ metadata: { name } }),
        })),
        continue: '',
      }),
    },
    async delete(_: unknown, name: string) {
      const size = name.startsWith('large') ? 'large' : 'small';
      most[size] = Math.max(most[size], ++now[size]);
      for (let i = 0; i < 10; i++) await new Promise((done) => setImmediate(done));
      now[size]--;
      items.delete(name);
    },
  };
  return { store: store as unknown as CustomResourceStore, most };
}

test('small instances are deleted sixteen at a time; large ones one at a time, of all definitions', async () => {
  const sizes = Array.from({ length: 60 }, (_, i) => (i % 2 === 0 ? LARGE : 10));
  const one = storeOf(sizes);
  const signal = new AbortController().signal;
  expect(await deleteInstances(storeOf(sizes.map(() => 10)).store, signal)).toBe(true);
  expect(await deleteInstances(one.store, signal)).toBe(true);
  expect(one.most.large).toBe(1);
  const [two, three] = [storeOf([LARGE, LARGE, 10]), storeOf([LARGE, LARGE])];
  await Promise.all([deleteInstances(two.store, signal), deleteInstances(three.store, signal)]);
  expect([two.most, three.most]).toEqual([
    { large: 1, small: 1 },
    { large: 1, small: 0 },
  ]);
  const many = storeOf(Array.from({ length: 40 }, () => 10));
  await deleteInstances(many.store, signal);
  expect(many.most).toEqual({ large: 0, small: 16 });
});

test('nothing more is deleted once the time is up', async () => {
  const ended = AbortSignal.abort();
  const { store, most } = storeOf([10, LARGE]);
  expect(await deleteInstances(store, ended)).toBe(false);
  expect(most).toEqual({ large: 0, small: 0 });
});
