import { expect, test } from 'vitest';
import { KeyedTurns } from '../../../shared/util/keyed-turns.ts';

test('work of a key runs in order, also after a failure; other keys do not wait', async () => {
  const turns = new KeyedTurns();
  const log: string[] = [];
  let release = (): void => undefined;
  const first = turns.run('a', async () => {
    log.push('a1');
    await new Promise<void>((resolve) => {
      release = resolve;
    });
    log.push('a1 ended');
    throw new Error('failed');
  });
  const second = turns.run('a', async () => log.push('a2'));
  await turns.run('b', async () => log.push('b'));
  release();
  await expect(first).rejects.toThrow('failed');
  await second;
  expect(log).toEqual(['a1', 'b', 'a1 ended', 'a2']);
});
