import { expect, test } from 'vitest';
import type { KubeObject } from '../../../../shared/meta/kube-object.ts';
import fc from '../../../fixtures/fuzz.ts';
import { managerOf, without } from './fixtures.ts';

const POD = { group: '', version: 'v1', kind: 'Pod' };
const pods = managerOf(POD);
const empty = (): KubeObject => ({ apiVersion: 'v1', kind: 'Pod', metadata: {} });

/**
 * Configurations whose fields belong to one owner: names carry the owner's letter. Maps are never empty: an applied
 * empty map is owned but absent.
 */
function configuration(owner: string): fc.Arbitrary<KubeObject> {
  const text = fc.string({ unit: fc.constantFrom('x', 'é', '"', ' '), maxLength: 3 });
  const labels = fc.dictionary(
    fc.constantFrom('p', 'q', 'r').map((key) => `${owner}-${key}`),
    text,
    { minKeys: 1, maxKeys: 3 },
  );
  const container = fc.record(
    {
      image: text,
      args: fc.array(text, { maxLength: 2 }),
      env: fc
        .uniqueArray(fc.constantFrom('E', 'F'), { maxLength: 2 })
        .map((names) => names.map((name) => ({ name, value: '1' }))),
      ports: fc
        .uniqueArray(fc.constantFrom(80, 443), { maxLength: 2 })
        .map((ports) => ports.map((containerPort) => ({ containerPort }))),
    },
    { requiredKeys: [] },
  );
  const containers = fc
    .uniqueArray(fc.constantFrom('x', 'y', 'z'), { maxLength: 3 })
    .chain((names) =>
      fc.tuple(...names.map((name) => container.map((more) => ({ name: `${owner}-${name}`, ...more })))),
    );
  return fc
    .record({ labels, containers, finalizers: fc.subarray(['f', 'g'].map((name) => `${owner}/${name}`)) })
    .map(
      ({ labels: given, containers: list, finalizers }) =>
        ({
          apiVersion: 'v1',
          kind: 'Pod',
          metadata: { name: 'p', labels: given, finalizers },
          spec: { containers: list },
        }) as unknown as KubeObject,
    );
}

async function apply(live: KubeObject, applied: KubeObject, manager: string): Promise<KubeObject> {
  const next = await pods.apply(live, structuredClone(applied), { manager, force: false });
  next.metadata.uid = 'u';
  return next;
}

type Items = { name?: string; containerPort?: number }[];

/** Empty and absent lists are equivalent in the API. */
const withoutEmpty = (item: object) =>
  Object.fromEntries(Object.entries(item).filter(([, value]) => !Array.isArray(value) || value.length > 0));

/** The owner's own parts of an object, lists as sets. */
function partOf(owner: string, object: KubeObject) {
  const { spec } = object as unknown as { spec?: { containers?: Items } };
  const mine = (name: string | undefined) => name?.startsWith(owner) ?? false;
  return {
    labels: Object.fromEntries(Object.entries(object.metadata.labels ?? {}).filter(([key]) => mine(key))),
    finalizers: (object.metadata.finalizers ?? []).filter(mine).sort(),
    containers: (spec?.containers ?? [])
      .filter(({ name }) => mine(name))
      .sort((a, b) => (a.name! < b.name! ? -1 : 1))
      .map(withoutEmpty),
  };
}

test('a repeated apply changes nothing, including owners and times', async () => {
  await fc.assert(
    fc.asyncProperty(configuration('a'), configuration('b'), async (a, b) => {
      const once = await apply(await apply(empty(), a, 'a'), b, 'b');
      expect(await apply(once, b, 'b')).toEqual(once);
      expect(await apply(once, a, 'a')).toEqual(once);
    }),
  );
});

test('owners of different fields may apply in any order', async () => {
  await fc.assert(
    fc.asyncProperty(configuration('a'), configuration('b'), async (a, b) => {
      const ab = await apply(await apply(empty(), a, 'a'), b, 'b');
      const ba = await apply(await apply(empty(), b, 'b'), a, 'a');
      for (const owner of ['a', 'b']) expect(partOf(owner, ab)).toEqual(partOf(owner, ba));
    }),
  );
});

test("an owner's apply never changes another owner's fields", async () => {
  await fc.assert(
    fc.asyncProperty(
      configuration('a'),
      fc.array(configuration('b'), { minLength: 1, maxLength: 4 }),
      async (a, changes) => {
        let live = await apply(empty(), a, 'a');
        const before = partOf('a', live);
        for (const change of changes) live = await apply(live, change, 'b');
        expect(partOf('a', live)).toEqual(before);
        expect(partOf('b', live)).toEqual(partOf('b', await apply(empty(), changes.at(-1)!, 'b')));
      },
    ),
  );
});

test('an owner that gives up everything leaves nothing', async () => {
  await fc.assert(
    fc.asyncProperty(configuration('a'), configuration('b'), async (a, b) => {
      const alone = await apply(empty(), a, 'a');
      const nothing = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p' } } as KubeObject;
      const after = await apply(await apply(alone, b, 'b'), nothing, 'b');
      expect(partOf('b', after)).toEqual({ labels: {}, finalizers: [], containers: [] });
      expect(partOf('a', after)).toEqual(partOf('a', alone));
      expect(JSON.stringify(without(after))).not.toContain('"b-');
    }),
  );
});
