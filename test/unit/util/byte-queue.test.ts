import { afterEach, expect, test, vi } from 'vitest';
import { ByteQueue, type HeldBytes } from '../../../shared/util/byte-queue.ts';

afterEach(() => void vi.useRealTimers());

const BOUNDS = { least: 1, most: 1, heapShare: 1 };

/** A queue of 100 bytes, and the outcome of each caller by name. */
function queueOf(options: { maxWaiting?: number; maxWaitingOfOne?: number } = {}) {
  const queue = new ByteQueue<string>({
    bounds: BOUNDS,
    maxBytes: 100,
    timeoutMs: 1_000,
    maxWaiting: 10,
    maxWaitingOfOne: 10,
    refused: () => new Error('refused'),
    ...options,
  });
  const held = new Map<string, HeldBytes>();
  const outcomes: string[] = [];
  const acquire = (name: string, bytes: number, owner: string): void => {
    queue
      .acquire(bytes, owner)
      .then((one) => {
        held.set(name, one);
        outcomes.push(name);
      })
      .catch((error: Error) => void outcomes.push(`${name} ${error.message}`));
  };
  const settle = () => new Promise<void>((done) => setImmediate(done));
  const release = async (name: string) => {
    held.get(name)!.release();
    await settle();
  };
  return { queue, held, outcomes, acquire, release, settle };
}

test('callers wait in order of arrival, and only for their own share', async () => {
  const { queue, outcomes, acquire, release, settle } = queueOf();
  acquire('ada 1', 40, 'ada');
  acquire('ada 2', 20, 'ada');
  acquire('bob 1', 50, 'bob');
  acquire('eve 1', 20, 'eve');
  await settle();
  expect([outcomes, queue.bytes]).toEqual([['ada 1', 'bob 1'], 90]);
  await release('ada 1');
  expect([outcomes, queue.bytes]).toEqual([['ada 1', 'bob 1', 'ada 2', 'eve 1'], 90]);
  for (const name of ['bob 1', 'ada 2', 'eve 1']) await release(name);
  expect(queue.bytes).toBe(0);
});

test('the only one gets more than there is', async () => {
  const { queue, outcomes, acquire, release, settle } = queueOf();
  acquire('large', 1_000, 'ada');
  acquire('small', 1, 'bob');
  await settle();
  expect([outcomes, queue.bytes]).toEqual([['large'], 1_000]);
  await release('large');
  await release('large');
  expect([outcomes, queue.bytes]).toEqual([['large', 'small'], 1]);
});

test('a holder may grow while there is room, and releases all of it', async () => {
  const { queue, held, acquire, release, settle } = queueOf();
  acquire('one', 60, 'ada');
  await settle();
  held.get('one')!.grow(40);
  expect(queue.bytes).toBe(100);
  expect(() => held.get('one')!.grow(1)).toThrow('refused');
  await release('one');
  expect(queue.bytes).toBe(0);
});

test('callers are refused if too many wait, or for too long', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  const { queue, outcomes, acquire, release, settle } = queueOf({ maxWaiting: 2, maxWaitingOfOne: 1 });
  acquire('one', 100, 'ada');
  for (const name of ['bob 1', 'bob 2', 'eve 1', 'zoe 1']) acquire(name, 10, name.slice(0, 3));
  await settle();
  expect(outcomes).toEqual(['one', 'bob 2 refused', 'zoe 1 refused']);
  vi.advanceTimersByTime(1_000);
  await settle();
  expect(outcomes.slice(3)).toEqual(['bob 1 refused', 'eve 1 refused']);
  await release('one');
  expect(queue.bytes).toBe(0);
});
