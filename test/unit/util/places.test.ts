import { expect, test } from 'vitest';
import { Places } from '../../../shared/util/places.ts';

test('a limited number run concurrently, in order of arrival, and a failure releases its slot', async () => {
  const places = new Places(2);
  const begun: string[] = [];
  const ends = new Map<string, () => void>();
  const work = (name: string) =>
    places.within(async () => {
      begun.push(name);
      await new Promise<void>((end) => ends.set(name, end));
      if (name === 'b') throw new Error('b failed');
      return name;
    });
  const settled = Promise.allSettled(['a', 'b', 'c', 'd'].map(work));
  const turn = () => new Promise<void>((done) => setImmediate(done));
  await turn();
  expect(begun).toEqual(['a', 'b']);
  ends.get('b')!();
  await turn();
  expect(begun).toEqual(['a', 'b', 'c']);
  for (const name of ['a', 'c']) ends.get(name)!();
  await turn();
  ends.get('d')!();
  expect((await settled).map((one) => (one.status === 'fulfilled' ? one.value : 'failed'))).toEqual([
    'a',
    'failed',
    'c',
    'd',
  ]);
});
