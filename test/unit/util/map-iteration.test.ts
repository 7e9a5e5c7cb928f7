import { expect, test } from 'vitest';
import { mapIteration } from '../../../shared/util/map-iteration.ts';

/** Counts from 1 to `last`, then ends or throws; `told` records how it ended. */
async function* numbers(last: number, told: string[], error?: Error): AsyncGenerator<number> {
  try {
    for (let i = 1; i <= last; i++) yield i;
    if (error !== undefined) throw error;
  } finally {
    told.push('source left');
  }
}

async function taken<T>(values: AsyncIterable<T>, most = Number.POSITIVE_INFINITY): Promise<unknown[]> {
  const all: unknown[] = [];
  try {
    for await (const value of values) if (all.push(value) === most) break;
  } catch (error) {
    all.push(String(error));
  }
  return all;
}

const double = (value: number): number => value * 2;
const failAtTwo = (value: number): number => {
  if (value === 2) throw new Error('two');
  return value;
};

test.each<[string, (told: string[]) => AsyncIterable<unknown>, number | undefined, unknown[], string[]]>([
  ['all', (told) => mapIteration(numbers(3, told), double), undefined, [2, 4, 6], ['source left']],
  [
    'values mapped asynchronously',
    (told) => mapIteration(numbers(2, told), async (value) => `${value}`),
    undefined,
    ['1', '2'],
    ['source left'],
  ],
  [
    'no values, and the end',
    (told) => mapIteration(numbers(0, told), double, { onEnd: () => told.push('end') }),
    undefined,
    [],
    ['source left', 'end'],
  ],
  [
    'as many values as the consumer reads',
    (told) => mapIteration(numbers(3, told), double, { onEnd: () => told.push('end') }),
    2,
    [2, 4],
    ['source left', 'end'],
  ],
  [
    "the source's error",
    (told) =>
      mapIteration(numbers(1, told, new Error('lost')), double, {
        onEnd: () => told.push('end'),
      }),
    undefined,
    [2, 'Error: lost'],
    ['source left', 'end'],
  ],
  [
    'a last value instead of an error',
    (told) =>
      mapIteration<number, unknown>(numbers(1, told, new Error('lost')), double, {
        recover: (error) => `last: ${error}`,
        onEnd: () => told.push('end'),
      }),
    undefined,
    [2, 'last: Error: lost'],
    ['source left', 'end'],
  ],
  [
    'another error instead of an error',
    (told) =>
      mapIteration(numbers(0, told, new Error('lost')), double, {
        recover: (error) => {
          throw new Error(`told: ${(error as Error).message}`);
        },
      }),
    undefined,
    ['Error: told: lost'],
    ['source left'],
  ],
  [
    'values up to a failing one',
    (told) => mapIteration(numbers(3, told), failAtTwo, { onEnd: () => told.push('end') }),
    undefined,
    [1, 'Error: two'],
    ['source left', 'end'],
  ],
  [
    'values up to an asynchronously failing one',
    (told) =>
      mapIteration(numbers(3, told), async (value) => failAtTwo(value), { onEnd: () => told.push('end') }),
    undefined,
    [1, 'Error: two'],
    ['source left', 'end'],
  ],
])('%s', async (_, iteration, most, expected, toldExpected) => {
  const told: string[] = [];
  expect(await taken(iteration(told), most)).toEqual(expected);
  expect(told).toEqual(toldExpected);
});

test('after its end there is nothing, and returning before the start ends it too', async () => {
  const told: string[] = [];
  const iteration = mapIteration(numbers(1, told), double, { onEnd: () => told.push('end') });
  await iteration.return?.();
  await iteration.return?.();
  expect([await iteration.next(), told]).toEqual([{ done: true, value: undefined }, ['end']]);
});
