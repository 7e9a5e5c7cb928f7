/** Expressions that multiply their input exhaust their budget before the memory. */

import { expect, test } from 'vitest';
import { activationOf, CelEnvironment, evaluate } from '../../../shared/cel/environment.ts';

const doubled = (first: string, times: number) =>
  Array.from({ length: times }).reduce<string>((inner) => `[${inner}].map(x, x + x)[0]`, first);

test.each([
  ['concatenated strings', doubled('"0123456789"', 22)],
  ['concatenated lists', doubled('[1, 2, 3, 4]', 20)],
  ['replacements', `"aaaaaaaaaa"${'.replace("a", "aaaaaaaaaaaaaaaaaaaaaaaaa")'.repeat(8)}`],
  [
    'joined strings',
    `${doubled('["0123456789"]', 17)}.map(x, "0123456789").join("${'0123456789'.repeat(10)}")`,
  ],
  ['ranges', 'lists.range(2000000)'],
  ['lists of one list', '[0].map(x, lists.range(3000)).map(l, l.map(x, l))[0].flatten(1)'],
  ['distinct items of many', 'lists.range(100000).distinct()'],
])('%s', (_, expression) => {
  const compiled = new CelEnvironment({ variables: {} }).compile(expression);
  const run = () => evaluate(compiled, activationOf({}));
  expect(run).toThrow('operation cancelled: actual cost limit exceeded');
});
