import { expect, test } from 'vitest';
import { WorkQueue } from '../../../shared/controllers/work-queue.ts';

function queueOf(work: (key: string) => Promise<number | undefined>, workers = 2) {
  const errors: string[] = [];
  const queue = new WorkQueue({ workers, work, onError: (key, error) => errors.push(`${key}: ${error}`) });
  return { queue, errors };
}

test('a waiting key is queued once', async () => {
  const seen: string[] = [];
  const { queue } = queueOf(async (key) => {
    seen.push(key);
    return undefined;
  });
  for (const key of ['a', 'b', 'a', 'a']) queue.add(key);
  await queue.idle();
  expect(seen.sort()).toEqual(['a', 'b']);
});

test('a key added while it is processed runs again afterwards, never concurrently', async () => {
  let running = 0;
  let most = 0;
  let runs = 0;
  const { queue } = queueOf(async () => {
    running++;
    most = Math.max(most, running);
    runs++;
    if (runs === 1) {
      queue.add('a');
      queue.add('a');
    }
    await new Promise((resolve) => setTimeout(resolve, 5));
    running--;
    return undefined;
  });
  queue.add('a');
  await queue.idle();
  expect({ runs, most }).toEqual({ runs: 2, most: 1 });
});

test('no more keys are processed concurrently than there are workers', async () => {
  let running = 0;
  let most = 0;
  const { queue } = queueOf(async () => {
    most = Math.max(most, ++running);
    await new Promise((resolve) => setTimeout(resolve, 2));
    running--;
    return undefined;
  }, 3);
  for (let i = 0; i < 20; i++) queue.add(String(i));
  await queue.idle();
  expect(most).toBe(3);
});

test('a failure is reported and retried', async () => {
  let failures = 2;
  const finished = new Promise<void>((resolve) => {
    const { queue, errors } = queueOf(async (key) => {
      if (failures-- > 0) throw new Error('not yet');
      expect(errors).toEqual([`${key}: Error: not yet`, `${key}: Error: not yet`]);
      resolve();
      return undefined;
    });
    queue.add('a');
  });
  await finished;
  expect(failures).toBe(-1);
});

test('a stopped queue finishes running work and starts none', async () => {
  const seen: string[] = [];
  const { queue } = queueOf(async (key) => {
    seen.push(`${key} begins`);
    await new Promise((resolve) => setTimeout(resolve, 5));
    seen.push(`${key} ends`);
    return 1;
  }, 1);
  queue.add('a');
  queue.add('b');
  await queue.stop();
  queue.add('c');
  await new Promise((resolve) => setTimeout(resolve, 15));
  expect(seen).toEqual(['a begins', 'a ends']);
});
