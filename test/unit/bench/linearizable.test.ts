import { expect, test } from 'vitest';
import { type Call, findViolation, type State } from '../../histories/linearizable.ts';

const call = (name: string, start: number, end: number, apply: Call['apply']): Call => ({
  name,
  start,
  end,
  apply,
});
const write = (value: State, start: number, end: number): Call =>
  call(`write ${value}`, start, end, () => ({ state: value }));
const read = (value: State, start: number, end: number): Call =>
  call(`read ${value}`, start, end, (state) => state === value && { state });
const never = Number.POSITIVE_INFINITY;

test.each<[string, Call[], string[] | undefined]>([
  ['nothing', [], undefined],
  ['sequential operations', [write('a', 0, 1), read('a', 2, 3)], undefined],
  ['a read during a write returns the old value', [write('a', 0, 3), read(undefined, 1, 2)], undefined],
  ['a read during a write returns the new value', [write('a', 0, 3), read('a', 1, 2)], undefined],
  [
    'a read of an overwritten value',
    [write('a', 0, 1), write('b', 2, 3), read('a', 4, 5)],
    ['write a', 'write b', 'read a'],
  ],
  [
    'reads in contradictory orders',
    [write('a', 0, 9), write('b', 0, 9), read('a', 1, 2), read('b', 3, 4), read('a', 5, 6)],
    ['write a', 'write b', 'read a', 'read b', 'read a'],
  ],
  ['a write without a response, observed', [write('a', 0, never), read('a', 5, 6)], undefined],
  ['a write without a response, not observed', [write('a', 0, never), read(undefined, 5, 6)], undefined],
  [
    'a write without a response, observed and lost',
    [write('a', 0, never), read('a', 5, 6), read(undefined, 7, 8)],
    ['write a', 'read a', 'read undefined'],
  ],
])('%s', (_, calls, violation) => {
  expect(findViolation(calls, undefined)?.map(({ name }) => name)).toEqual(violation);
});
