import { expect, test } from 'vitest';
import { parseQuery } from '../../../shared/request/query-parameters.ts';

test.each([
  ['a=b&a=c&d', 'a=b&a=c&d='],
  ['a=%zz&b=1', 'b=1'],
  ['a%=1&b=%2&c=%41', 'c=A'],
  ['a=1;b=2&c=3', 'c=3'],
  ['a=%3b', 'a=%3B'],
  ['a=b+c', 'a=b+c'],
  ['?a=b', '%3Fa=b'],
  ['', ''],
])('the parameters of %j are %j', (text, parameters) => {
  expect(parseQuery(text).toString()).toBe(parameters);
});
