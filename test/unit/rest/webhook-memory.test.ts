import { expect, test } from 'vitest';
import { WebhookMemory } from '../../../shared/rest/webhook-memory.ts';
import { HEAP_PER_BYTE } from '../../../shared/util/byte-shares.ts';

const KB = 1024;
/** Heap of a response of 100 KB: its bytes and texts, and its values. */
const OF_100_KB = 100 * KB * (3 + HEAP_PER_BYTE);

/** The outcomes of responses of these sizes in KB, by control plane; each is received in steps of 50 KB. */
function outcomesOf(
  memory: WebhookMemory,
  responses: readonly (readonly [plane: object, kilobytes: number])[],
) {
  const open = responses.map(([plane]) => memory.open(plane));
  const outcomes = responses.map(([, kilobytes], i) => {
    try {
      for (let size = 50; size < kilobytes; size += 50) open[i]!.received(size * KB);
      open[i]!.received(kilobytes * KB);
      return 'received';
    } catch (error) {
      return (error as Error).message;
    }
  });
  return { open, outcomes };
}

test.each([
  [64 * 1024, 'http: response body too large'],
  [100, 'received'],
  [8, 'received'],
])('a response of %s KB is %s', (kilobytes, expected) => {
  const memory = new WebhookMemory(2 * OF_100_KB);
  const { open, outcomes } = outcomesOf(memory, [[{}, kilobytes]]);
  expect(outcomes).toEqual([expected]);
  open[0]!.release();
  expect(memory.bytes).toBe(0);
});

test('all responses together fit, and those of one control plane into half', () => {
  const memory = new WebhookMemory(4 * OF_100_KB);
  const [ada, bob] = [{}, {}];
  const busy = 'Too many large responses of webhooks at once, please try again later.';
  const { open, outcomes } = outcomesOf(memory, [
    [ada, 100],
    [ada, 100],
    [ada, 100],
    [bob, 100],
    [bob, 100],
    [{}, 100],
  ]);
  expect(outcomes).toEqual(['received', 'received', busy, 'received', 'received', busy]);
  expect(memory.bytes).toBe(4 * OF_100_KB);
  open[0]!.release();
  open[0]!.release();
  expect(memory.bytes).toBe(3 * OF_100_KB);
  for (const one of open) one.release();
  expect(memory.bytes).toBe(0);
});

test('small responses take no room', () => {
  const memory = new WebhookMemory(1);
  const { outcomes } = outcomesOf(
    memory,
    Array.from({ length: 1_000 }, () => [{}, 8] as const),
  );
  expect([...new Set(outcomes)]).toEqual(['received']);
  expect(memory.bytes).toBe(0);
});
