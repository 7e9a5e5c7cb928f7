import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { createPod, label, newResource, type Pod, pod, type StorageHarness, take, text } from './harness.ts';

/** Text that does not compress below six bits per character; reproducible by seed. */
function noise(bytes: number, seed: string): string {
  const chunks: string[] = [];
  for (let n = 0, length = 0; length < bytes; n++) {
    const chunk = createHash('sha512').update(`${seed}${n}`).digest('base64');
    chunks.push(chunk);
    length += chunk.length;
  }
  return chunks.join('').slice(0, bytes);
}

export function sizeTests(harness: () => StorageHarness): void {
  const pair = () => {
    const config = newResource();
    return [
      harness().newProcess().storageFor<Pod>(config),
      harness().newProcess().storageFor<Pod>(config),
    ] as const;
  };

  test('changes that compress well are told of, however many the table has in a page', async () => {
    const [writer, reader] = pair();
    const large = { annotations: { data: 'x'.repeat(1_000_000) } };
    const { resourceVersion } = await writer.create('ns/a', pod('ns/a', large));
    for (let n = 0; n < 8; n++) await label(writer, 'ns/a', { n: String(n) });
    const watch = await reader.watch({ prefix: '', resourceVersion: String(resourceVersion) });
    expect((await take(watch, 8)).map(([type, , revision]) => [type, revision])).toEqual(
      Array.from({ length: 8 }, (_, n) => ['MODIFIED', resourceVersion + 1 + n]),
    );
    watch.stop();
  });

  test.each([300_000, 1_500_000])(
    'an incompressible object of %d bytes is handled like any other',
    async (bytes) => {
      const [writer, reader] = pair();
      const watch = await reader.watch({ prefix: '' });
      const big = pod('ns/big', { annotations: { data: noise(bytes, 'a') } });
      const created = await writer.create('ns/big', big);
      await createPod(writer, 'ns/small');
      expect(text(await reader.get('ns/big'))).toBe(text(created));
      expect((await reader.list({ prefix: '' })).items.map((item) => item.bytes.length)[0]).toBe(
        created.bytes.length,
      );
      const updated = await writer.guaranteedUpdate('ns/big', {
        tryUpdate: async (current) => ({
          object: {
            ...current!,
            metadata: { ...current!.metadata, annotations: { data: noise(bytes - 1_000, 'b') } },
          },
        }),
      });
      expect(text(await reader.get('ns/big'))).toBe(text(updated));
      const labelled = await label(writer, 'ns/big', { a: '1' });
      const shrunk = await writer.guaranteedUpdate('ns/big', {
        tryUpdate: async () => ({ object: pod('ns/big') }),
      });
      expect(text(await reader.get('ns/big'))).toBe(text(shrunk));
      const gone = await writer.delete('ns/big');
      expect((await take(watch, 6)).map(([type, , revision]) => [type, revision])).toEqual([
        ['ADDED', created.resourceVersion],
        ['ADDED', created.resourceVersion + 1],
        ['MODIFIED', updated.resourceVersion],
        ['MODIFIED', labelled.resourceVersion],
        ['MODIFIED', shrunk.resourceVersion],
        ['DELETED', gone.resourceVersion],
      ]);
      const before = await reader.list({
        prefix: '',
        resourceVersion: String(updated.resourceVersion),
        resourceVersionMatch: 'Exact',
      });
      expect(text(before.items[0]!)).toBe(text(updated));
      watch.stop();
    },
  );

  test('large and small objects are written concurrently', async () => {
    const [writer, reader] = pair();
    const created = await Promise.all(
      Array.from({ length: 30 }, (_, n) =>
        createPod(writer, `ns/${n}`, n % 5 === 0 ? { annotations: { data: noise(700_000, `${n}`) } } : {}),
      ),
    );
    const { items } = await reader.list({ prefix: '' });
    expect(
      new Map(
        items.map((item) => [
          item.key,
          Buffer.from(item.bytes).equals(created.find(({ key }) => key === item.key)!.bytes),
        ]),
      ),
    ).toEqual(new Map(created.map(({ key }) => [key, true])));
  });

  test("an object above Kubernetes' limit fails with ObjectTooLarge, and leaves no items", async () => {
    const [writer] = pair();
    const annotations = { data: 'x'.repeat(1.5 * 1024 * 1024) };
    await expect(createPod(writer, 'ns/big', { annotations })).rejects.toMatchObject({
      code: 'ObjectTooLarge',
    });
    await createPod(writer, 'ns/big');
    await expect(
      writer.guaranteedUpdate('ns/big', {
        tryUpdate: async () => ({ object: pod('ns/big', { annotations }) }),
      }),
    ).rejects.toMatchObject({ code: 'ObjectTooLarge' });
    expect((await writer.get('ns/big')).object().metadata.annotations).toBeUndefined();
  });
}
