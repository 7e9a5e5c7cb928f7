import { expect, test } from 'vitest';
import { encodeContinue } from '../../../shared/storage/continue-token.ts';
import type { ListOptions, Storage } from '../../../shared/storage/storage.ts';
import { createPod, label, names, newResource, type Pod, type StorageHarness } from './harness.ts';

const even = {
  matches: ({ fields }: { fields: Readonly<Record<string, string>> }) => fields['spec.nodeName'] === 'even',
};

async function fill(storage: Storage<Pod>, count: number, prefix = 'ns/'): Promise<string[]> {
  const keys = Array.from({ length: count }, (_, n) => `${prefix}pod-${n}`);
  for (const [n, key] of keys.entries())
    await createPod(storage, key, { nodeName: n % 2 === 0 ? 'even' : 'odd' });
  return keys;
}

/** All pages: the names, revision and remaining item count of each. */
async function pages(
  storage: Storage<Pod>,
  first: ListOptions,
  between: () => Promise<unknown> = async () => {},
) {
  const found: { names: string[]; resourceVersion: number; left: number | undefined }[] = [];
  let token = '';
  do {
    const { prefix, limit, predicate } = first;
    const result = await storage.list(token === '' ? first : { prefix, limit, predicate, continue: token });
    found.push({
      names: names(result.items),
      resourceVersion: result.resourceVersion,
      left: result.remainingItemCount,
    });
    token = result.continue;
    await between();
  } while (token !== '');
  return found;
}

export function pagingTests(harness: () => StorageHarness): void {
  const known = (left: number) => (harness().holdsResources ? left : undefined);
  const open = () => harness().newProcess().storageFor<Pod>(newResource());

  test('pages are of one revision, with the remaining item count', async () => {
    const storage = open();
    await fill(storage, 5);
    const { resourceVersion } = await storage.list({ prefix: '' });
    expect(await pages(storage, { prefix: '', limit: 2 })).toEqual([
      { names: ['ns/pod-0', 'ns/pod-1'], resourceVersion, left: known(3) },
      { names: ['ns/pod-2', 'ns/pod-3'], resourceVersion, left: known(1) },
      { names: ['ns/pod-4'], resourceVersion, left: undefined },
    ]);
  });

  test('a limit equal to the number of objects leaves no continue token', async () => {
    const storage = open();
    const keys = await fill(storage, 4);
    expect((await pages(storage, { prefix: '', limit: 4 })).map((page) => page.names)).toEqual([keys]);
    expect((await pages(storage, { prefix: '', limit: 2 })).map((page) => page.names)).toEqual([
      keys.slice(0, 2),
      keys.slice(2),
    ]);
  });

  test('pages are of one namespace', async () => {
    const storage = open();
    await fill(storage, 3, 'a/');
    await fill(storage, 3, 'b/');
    await storage.snapshot(0);
    expect((await pages(storage, { prefix: 'a/', limit: 2 })).map((page) => [page.names, page.left])).toEqual(
      [
        [['a/pod-0', 'a/pod-1'], known(1)],
        [['a/pod-2'], undefined],
      ],
    );
  });

  test('pages with a selector are filled, without a remaining item count', async () => {
    const storage = open();
    await fill(storage, 7);
    const found = await pages(storage, { prefix: '', limit: 2, predicate: even });
    expect(found.flatMap((page) => page.names)).toEqual(['ns/pod-0', 'ns/pod-2', 'ns/pod-4', 'ns/pod-6']);
    expect(found.slice(0, -1).every((page) => page.names.length === 2)).toBe(true);
    expect(found.every((page) => page.left === undefined)).toBe(true);
  });

  test('pages with a selector that matches few objects', async () => {
    const storage = open();
    await fill(storage, 40);
    const rare = {
      matches: ({ fields }: { fields: Readonly<Record<string, string>> }) =>
        fields['metadata.name'] === 'pod-9',
    };
    const found = await pages(storage, { prefix: '', limit: 1, predicate: rare });
    expect(found.flatMap((page) => page.names)).toEqual(['ns/pod-9']);
  });

  test('writes between pages are not visible', async () => {
    const storage = open();
    const keys = await fill(storage, 6);
    const { items } = await storage.list({ prefix: '' });
    let writes = 0;
    const found = await pages(storage, { prefix: '', limit: 1 }, async () => {
      writes++;
      await createPod(storage, `ns/pod-0-new-${writes}`);
      await createPod(storage, `ns/zzz-${writes}`);
      await label(storage, 'ns/pod-5', { writes: String(writes) });
      if (writes === 1) await storage.delete('ns/pod-3');
      if (writes === 2) await createPod(storage, 'ns/pod-3', { uid: 'again' });
    });
    expect(found.flatMap((page) => page.names)).toEqual(keys);
    expect(new Set(found.map((page) => page.resourceVersion)).size).toBe(1);
    const last = await storage.list({
      prefix: '',
      resourceVersion: String(found[0]!.resourceVersion),
      resourceVersionMatch: 'Exact',
    });
    expect(last.items.map((item) => item.object())).toEqual(items.map((item) => item.object()));
  });

  test('resourceVersion 0 is ignored with a token', async () => {
    const storage = open();
    await fill(storage, 3);
    const first = await storage.list({ prefix: '', limit: 2 });
    const second = await storage.list({
      prefix: '',
      limit: 2,
      continue: first.continue,
      resourceVersion: '0',
    });
    expect([names(second.items), second.resourceVersion]).toEqual([['ns/pod-2'], first.resourceVersion]);
  });

  test('another resourceVersion is rejected with a token', async () => {
    const storage = open();
    await fill(storage, 3);
    const first = await storage.list({ prefix: '', limit: 2 });
    await expect(
      storage.list({ prefix: '', limit: 2, continue: first.continue, resourceVersion: '5' }),
    ).rejects.toMatchObject({
      code: 'InvalidContinueToken',
      message: 'specifying resource version is not allowed when using continue',
    });
  });

  test('a token with an expired revision fails with Expired and a token for the rest of the newest state', async () => {
    const storage = open();
    await fill(storage, 4);
    const first = await storage.list({ prefix: '', limit: 2 });
    await label(storage, 'ns/pod-3', { x: '1' });
    harness().advance(harness().retentionMs + 1_000);
    const last = await createPod(storage, 'ns/pod-9');
    const error = await storage
      .list({ prefix: '', limit: 2, continue: first.continue })
      .catch((caught) => caught);
    expect(error).toMatchObject({ code: 'Expired', details: { continue: expect.any(String) } });
    expect(error.message).toMatch(
      /^The provided continue parameter is too old to display a consistent list result/,
    );
    const rest = await pages(storage, { prefix: '', limit: 2, continue: error.details.continue });
    expect(rest.map((page) => [page.names, page.resourceVersion])).toEqual([
      [['ns/pod-2', 'ns/pod-3'], last.resourceVersion],
      [['ns/pod-9'], last.resourceVersion],
    ]);
  });

  const token = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
  test.each([
    ['!', 'continue key is not valid: illegal base64 data at input byte 0'],
    ['ab_c!', 'continue key is not valid: illegal base64 data at input byte 4'],
    ['abcde', 'continue key is not valid: illegal base64 data at input byte 4'],
    ['abcd=', 'continue key is not valid: illegal base64 data at input byte 4'],
    ['abc', "continue key is not valid: invalid character 'i' looking for beginning of value"],
    [
      token([1]),
      'continue key is not valid: json: cannot unmarshal array into Go value of type storage.continueToken',
    ],
    [
      token({ v: 'meta.k8s.io/v1', rv: 1.5, start: 'a' }),
      'continue key is not valid: json: cannot unmarshal number 1.5 into Go struct field continueToken.rv of type int64',
    ],
    [
      token({ v: 'meta.k8s.io/v1', rv: 1, start: 5 }),
      'continue key is not valid: json: cannot unmarshal number into Go struct field continueToken.start of type string',
    ],
    [
      token({ v: 'v2', rv: 5, start: 'ns/a' }),
      'continue key is not valid: server does not recognize this encoded version v2',
    ],
    [
      token({ v: 'meta.k8s.io/v1', rv: 0, start: 'ns/a' }),
      'continue key is not valid: incorrect encoded start resourceVersion (version meta.k8s.io/v1)',
    ],
    [
      token({ v: 'meta.k8s.io/v1', rv: 5, start: '' }),
      'continue key is not valid: encoded start key empty (version meta.k8s.io/v1)',
    ],
    [token({ v: 'meta.k8s.io/v1', rv: 5, start: '../b' }), 'continue key is not valid: ../b'],
    [token({ v: 'meta.k8s.io/v1', rv: 5, start: 'a//b' }), 'continue key is not valid: a//b'],
  ])('token %s: %s', async (value, message) => {
    await expect(open().list({ prefix: '', limit: 1, continue: value })).rejects.toMatchObject({
      code: 'InvalidContinueToken',
      message: `invalid continue token: ${message}`,
    });
  });

  test('a token with a revision that was never reached fails with TooLargeResourceVersion', async () => {
    const storage = open();
    await fill(storage, 2);
    const future = encodeContinue({ startKey: 'ns/pod-0', resourceVersion: 1_000_000 });
    await expect(storage.list({ prefix: '', limit: 1, continue: future })).rejects.toMatchObject({
      code: 'TooLargeResourceVersion',
    });
  });
}
