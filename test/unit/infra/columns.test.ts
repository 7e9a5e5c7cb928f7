/** Tables printed by commands. Cells may hold untrusted text. */

import { expect, test } from 'vitest';
import { alignColumns } from '../../../infra/cli/columns.ts';

test.each<[name: string, lines: string[][], text: string]>([
  ['columns', [['NAME', 'AGE'], ['acme', '7s'], ['b']], 'NAME   AGE\nacme   7s\nb'],
  ['a message of several lines', [['p', 'it failed\nat night', 'x']], 'p   it failed...   x'],
  ['a line that ends early', [['a\rb', 'c\u2028d', 'e']], 'a...   c...   e'],
  [
    'terminal control characters',
    [['\u001b[2J\u001b]0;title\u0007', '\u009b31m', '\u0000\u007f\t']],
    '^[[2J^[]0;title^G   \\u009b31m   ^@^?^I',
  ],
])('%s', (_, lines, text) => {
  expect(alignColumns(lines)).toBe(text);
});
