import { expect, test } from 'vitest';
import { JSONPath } from '../../../shared/util/jsonpath/jsonpath.ts';
import { JSONPathError } from '../../../shared/util/jsonpath/node.ts';

const DATA = {
  name: 'jsonpath',
  n: 3,
  'a.b': { c: 1 },
  books: [
    { category: 'reference', author: 'Nigel Rees', price: 8.95 },
    { category: 'fiction', author: 'Evelyn Waugh', price: 12.99 },
    { category: 'fiction', author: 'Herman Melville', price: 8.99, isbn: '0-553' },
  ],
  labels: { 'app.kubernetes.io/name': 'x', web: true },
  empty: [],
  nothing: null,
};

const CASES: readonly (readonly [string, readonly unknown[]])[] = [
  ['.name', ['jsonpath']],
  ['$.name', ['jsonpath']],
  ['.missing.deeper', []],
  ['.nothing.deeper', []],
  ['.nothing', [null]],
  ['.constructor', []],
  ['.books[0].author', ['Nigel Rees']],
  ['.books[-1].author', ['Herman Melville']],
  ['.books[0:2].price', [8.95, 12.99]],
  ['.books[-2:].price', [12.99, 8.99]],
  ['.books[::2].price', [8.95, 8.99]],
  ['.books[*].category', ['reference', 'fiction', 'fiction']],
  ['.books[0,2].author', ['Nigel Rees', 'Herman Melville']],
  ['.books[?(@.price>10)].author', ['Evelyn Waugh']],
  ['.books[?(@.category=="fiction")].price', [12.99, 8.99]],
  ["[?(@.category=='fiction')].price", [12.99, 8.99]],
  ['.books[?(@.isbn)].author', ['Herman Melville']],
  ['.books[?(@.category!="fiction")].author', ['Nigel Rees']],
  ['.books[?(@.price<=8.95)].author', ['Nigel Rees']],
  [".labels['app\\.kubernetes\\.io/name']", ['x']],
  ['.labels.app\\.kubernetes\\.io/name', ['x']],
  ['.a\\.b.c', [1]],
  ['.labels.*', ['x', true]],
  ['..author', ['Nigel Rees', 'Evelyn Waugh', 'Herman Melville']],
  ["['name','n']", ['jsonpath', 3]],
  ['.empty[*]', []],
];

test.each(CASES)('%s', (expression, expected) => {
  const data = expression.startsWith('[?') ? DATA.books : DATA;
  expect(new JSONPath(expression).find(data)).toEqual(expected);
});

test.each([
  ['.books[', 'unterminated array'],
  ['.books[x]', 'invalid array index x'],
  ['.books[?(@.a=="b]', 'unterminated filter'],
  ['....a', 'invalid multiple recursive descent'],
  ['.a}', 'unclosed action'],
  ['#', "unrecognized character in action: U+0023 '#'"],
  ["'a", 'unterminated quoted string'],
])("%s can't be parsed", (expression, message) => {
  expect(() => new JSONPath(expression)).toThrow(new JSONPathError(message));
});

test.each([
  ['.books[7]', 'array index out of bounds: index 7, length 3'],
  ['.name[0]', 'string is not array or slice'],
  ['.books[?(@.price=="x")]', 'incompatible types for comparison'],
  ['.name[?(@.a)]', '"jsonpath" is not array or slice and cannot be filtered'],
  ['range', 'unrecognized identifier range'],
])('%s does not match the data', (expression, message) => {
  expect(() => new JSONPath(expression).find(DATA)).toThrow(new JSONPathError(message));
});

test('nested descents end with an error, and deep data does not', () => {
  let data: unknown = { a: 1 };
  for (let i = 0; i < 2000; i++) data = { a: data };
  expect(new JSONPath('..a').find(data).length).toBe(2001);
  expect(() => new JSONPath('..a..a..a..a').find(data)).toThrow(
    new JSONPathError('the expression takes more than 200000 steps'),
  );
});
