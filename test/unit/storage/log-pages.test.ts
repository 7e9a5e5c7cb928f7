import { expect, test, vi } from 'vitest';
import { encodeRevision } from '../../../shared/storage/dynamodb/layout.ts';
import { RevisionLog } from '../../../shared/storage/dynamodb/revision-log.ts';

test('a page of the log is decoded with pauses', async () => {
  const items = Array.from({ length: 20 }, (_, i) => ({
    pk: '/r#log',
    sk: encodeRevision(i + 1),
    y: 'n',
    t: 0,
  }));
  const context = {
    config: { resourcePrefix: '/r' },
    table: { query: async () => ({ items }) },
    clock: { monotonic: () => 0 },
    protocol: {},
  };
  const log = new RevisionLog(context as unknown as ConstructorParameters<typeof RevisionLog>[0]);
  // Every look at the clock finds that the event loop has been held for long.
  let now = performance.now();
  const clock = vi.spyOn(performance, 'now').mockImplementation(() => (now += 100));
  let others = 0;
  const other = (): void => {
    others++;
    setImmediate(other);
  };
  setImmediate(other);
  const { changes } = await log.readAfter(0, { consistent: true });
  expect(changes.map(({ revision }) => revision)).toEqual(items.map((_, i) => i + 1));
  expect(others).toBeGreaterThanOrEqual(items.length - 1);
  clock.mockRestore();
});
