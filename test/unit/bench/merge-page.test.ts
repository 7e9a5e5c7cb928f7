import { expect, test } from 'vitest';
import { mergePage } from '../../bench/merge-page.ts';

const PAGE = `# growth

Words before.

| server | objects | GET, ms |
| --- | --- | --- |
| zeroplane | 1000 | 1 |
| zeroplane | 10000 | 2 |

Words between.

| watchers | median |
| --- | --- |
| JSON | 5 |
`;

test('new rows replace those of the same subject, and others are added', () => {
  const measured = `Words of this run.

| server | objects | GET, ms |
| --- | --- | --- |
| zeroplane | 10000 | 3 |
| peer | 10000 | 4 |

| watchers | median |
| --- | --- |
| JSON | 6 |`;
  expect(mergePage(PAGE, measured)).toBe(`# growth

Words before.

| server | objects | GET, ms |
| --- | --- | --- |
| zeroplane | 1000 | 1 |
| zeroplane | 10000 | 3 |
| peer | 10000 | 4 |

Words between.

| watchers | median |
| --- | --- |
| JSON | 6 |
`);
});

test('rows with other columns are not merged into the page', () => {
  const measured = '| server | objects | LIST, ms |\n| --- | --- | --- |\n| zeroplane | 1000 | 3 |';
  expect(() => mergePage(PAGE, measured)).toThrow(
    'the page has no table with these columns: | server | objects | LIST, ms |',
  );
});

test('rows that differ by how many bindings there are stay apart', () => {
  const head = '| request | definitions | bindings | calls |\n| --- | --- | --- | --- |\n';
  const page = `${head}| GET | 0 | 10 | 1 |\n| GET | 0 | 5000 | 2 |`;
  expect(mergePage(page, `${head}| GET | 0 | 5000 | 3 |`)).toBe(
    `${head}| GET | 0 | 10 | 1 |\n| GET | 0 | 5000 | 3 |`,
  );
});
