import { expect, test } from 'vitest';
import { breathe } from '../../../shared/util/breathe.ts';

/** Holds the event loop. */
function work(ms: number): void {
  for (const end = performance.now() + ms; performance.now() < end; );
}

test('long work lets others go first between its pieces, short work does not stop', async () => {
  const seen: string[] = [];
  setImmediate(() => seen.push('somebody else'));
  await breathe();
  seen.push('first');
  await breathe();
  seen.push('second');
  work(30);
  await breathe();
  seen.push('third');
  expect(seen).toEqual(['first', 'second', 'somebody else', 'third']);
});
