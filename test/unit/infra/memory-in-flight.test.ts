import { expect, test } from 'vitest';
import { MemoryInFlight, RequestMemory } from '../../../infra/local/http/memory-in-flight.ts';

const KB = 1024;
const REFUSED = 'Too many watches and long selectors at once, please try again later.';

test('one user takes half at most, and all of them no more than there is', () => {
  const memory = new MemoryInFlight(400 * KB);
  const first = memory.claim(150 * KB, 'ada');
  expect(() => memory.claim(60 * KB, 'ada')).toThrow(REFUSED);
  memory.claim(150 * KB, 'bob');
  expect(() => memory.claim(110 * KB, 'eve')).toThrow(REFUSED);
  first();
  first();
  memory.claim(110 * KB, 'eve');
  expect(() => memory.claim(150 * KB, 'ada')).toThrow(REFUSED);
});

test('who is alone always finds some, and little counts for nothing', () => {
  const memory = new MemoryInFlight(100 * KB);
  memory.claim(1_000 * KB, 'ada');
  for (let i = 0; i < 10; i++) memory.claim(32 * KB, 'bob');
  expect(() => memory.claim(33 * KB, 'bob')).toThrow(REFUSED);
});

test('what a request says before its body counts, too, and is given back with it', () => {
  const memory = new MemoryInFlight(100 * KB);
  const request = { url: `/${'a'.repeat(8 * KB)}`, rawHeaders: ['x-a', 'b'.repeat(8 * KB)] } as never;
  const held = new RequestMemory(memory, request);
  held.claim(0, 'ada');
  const other = new RequestMemory(memory, request);
  expect(() => other.claim(0, 'ada')).toThrow(REFUSED);
  held.release();
  other.claim(0, 'ada');
});
