import { expect, test } from 'vitest';
import { decodePEM } from '../../../shared/util/pem.ts';

const read = (text: string) =>
  [...decodePEM(text)].map(({ type, headers, bytes }) => [
    type,
    Object.fromEntries(headers),
    Buffer.from(bytes).toString(),
  ]);

const block = (type: string, text: string, headers = '') =>
  `-----BEGIN ${type}-----\n${headers}${Buffer.from(text).toString('base64')}\n-----END ${type}-----`;

test.each<[string, string, unknown[]]>([
  ['nothing', '', []],
  ['text', 'some words', []],
  ['one', block('A', 'hello'), [['A', {}, 'hello']]],
  ['an empty one', '-----BEGIN A-----\n-----END A-----\n', [['A', {}, '']]],
  [
    'surrounding text',
    `before\n${block('A', 'a')}\nbetween\n${block('B', 'b')}\nafter`,
    [
      ['A', {}, 'a'],
      ['B', {}, 'b'],
    ],
  ],
  [
    'consecutive blocks',
    `${block('A', 'a')}\n${block('B', 'b')}`,
    [
      ['A', {}, 'a'],
      ['B', {}, 'b'],
    ],
  ],
  ['headers', block('A', 'a', 'Proc-Type: 4\nX: y: z\n\n'), [['A', { 'Proc-Type': '4', X: 'y: z' }, 'a']]],
  ['lines with Windows line ends', block('A', 'hello').replaceAll('\n', '\r\n'), [['A', {}, 'hello']]],
  ['wrapped long lines', '-----BEGIN A-----\naGVs\nbG8=\n-----END A-----', [['A', {}, 'hello']]],
  ['a marker within a line', ` ${block('A', 'a')}`, []],
  ['a missing end', '-----BEGIN A-----\naGVsbG8=\n', []],
  [
    "another block's end",
    `-----BEGIN A-----\naGVsbG8=\n-----END B-----\n${block('C', 'c')}`,
    [['C', {}, 'c']],
  ],
  ['invalid base64', `-----BEGIN A-----\n!!!\n-----END A-----\n${block('C', 'c')}`, [['C', {}, 'c']]],
  ['text after its end', `${block('A', 'a')} more\n${block('C', 'c')}`, [['C', {}, 'c']]],
])('%s', (_, text, blocks) => {
  expect(read(text)).toEqual(blocks);
});
