import { expect, test } from 'vitest';
import { createPod, names, newResource, type StorageHarness } from './harness.ts';

/** Upstream compacts all resources together: a page's revision may expire even if its resource has no newer one. */
export function pageAgeTests(harness: () => StorageHarness): void {
  test('a token expires after the retention time even without writes', async () => {
    const storage = harness().newProcess().storageFor(newResource());
    for (let n = 0; n < 5; n++) await createPod(storage, `ns/pod-${n}`);
    const first = await storage.list({ prefix: '', limit: 2 });
    harness().advance(harness().retentionMs / 2);
    const second = await storage.list({ prefix: '', limit: 2, continue: first.continue });
    expect(names(second.items)).toEqual(['ns/pod-2', 'ns/pod-3']);
    // The age of a page is that of its list.
    harness().advance(harness().retentionMs / 2 + 2_000);
    const error = await storage
      .list({ prefix: '', limit: 2, continue: second.continue })
      .catch((caught) => caught);
    expect(error).toMatchObject({ code: 'Expired', details: { continue: expect.any(String) } });
    const rest = await storage.list({ prefix: '', limit: 2, continue: error.details.continue });
    expect(names(rest.items)).toEqual(['ns/pod-4']);
  });

  test('continuing from an expired revision uses another revision, even without writes', async () => {
    const storage = harness().newProcess().storageFor(newResource());
    for (let n = 0; n < 4; n++) await createPod(storage, `ns/pod-${n}`);
    const first = await storage.list({ prefix: '', limit: 2 });
    harness().advance(harness().retentionMs + 1_000);
    const error = await storage
      .list({ prefix: '', limit: 2, continue: first.continue })
      .catch((caught) => caught);
    const rest = () => storage.list({ prefix: '', limit: 2, continue: error.details.continue });
    const page = await rest();
    expect([names(page.items), page.resourceVersion]).toEqual([
      ['ns/pod-2', 'ns/pod-3'],
      first.resourceVersion + 1,
    ]);
    expect((await rest()).resourceVersion).toBe(page.resourceVersion);
    const next = await createPod(storage, 'ns/pod-9');
    expect(next.resourceVersion).toBe(page.resourceVersion + 1);
  });
}
