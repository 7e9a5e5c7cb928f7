import { expect, test } from 'vitest';
import { unifiedDiff } from '../../../shared/util/unified-diff.ts';

const lines = (from: number, to: number): string[] =>
  Array.from({ length: to - from + 1 }, (_, index) => `line ${from + index}`);
const text = (...parts: (string | string[])[]): string => parts.flat().join('\n');

// Expected output of github.com/pmezard/go-difflib.
test.each<[string, string, string, string]>([
  ['equal texts', 'a\nb', 'a\nb', ''],
  ['all', 'a', 'b', '@@ -1 +1 @@\n-a\n+b\n'],
  [
    'a line in the middle',
    text(lines(1, 9)),
    text(lines(1, 4), 'x', lines(6, 9)),
    '@@ -2,7 +2,7 @@\n line 2\n line 3\n line 4\n-line 5\n+x\n line 6\n line 7\n line 8\n',
  ],
  ['an added line', text('a', 'b'), text('a', 'x', 'b'), '@@ -1,2 +1,3 @@\n a\n+x\n b\n'],
  ['a removed line', text('a', 'x', 'b'), text('a', 'b'), '@@ -1,3 +1,2 @@\n a\n-x\n b\n'],
  [
    'two nearby changes',
    text('x', lines(1, 6), 'y'),
    text(lines(1, 6)),
    '@@ -1,8 +1,6 @@\n-x\n line 1\n line 2\n line 3\n line 4\n line 5\n line 6\n-y\n',
  ],
  [
    'two distant changes',
    text('x', lines(1, 7), 'y'),
    text(lines(1, 7)),
    '@@ -1,4 +1,3 @@\n-x\n line 1\n line 2\n line 3\n@@ -6,4 +5,3 @@\n line 5\n line 6\n line 7\n-y\n',
  ],
  [
    'the longest block of repeated lines',
    text('a', 'b', 'a', 'b', 'c'),
    text('a', 'b', 'c'),
    '@@ -1,5 +1,3 @@\n-a\n-b\n a\n b\n c\n',
  ],
  [
    'frequent lines in a long text',
    text(lines(1, 100), Array(5).fill('}'), lines(101, 200)),
    text(lines(1, 100), Array(6).fill('}'), lines(101, 200)),
    '@@ -103,6 +103,7 @@\n }\n }\n }\n+}\n line 101\n line 102\n line 103\n',
  ],
])('%s', (_, before, after, told) => {
  expect(unifiedDiff(before, after)).toBe(told);
});
