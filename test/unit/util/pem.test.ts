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
    'text around',
    `before\n${block('A', 'a')}\nbetween\n${block('B', 'b')}\nafter`,
    [
      ['A', {}, 'a'],
      ['B', {}, 'b'],
    ],
  ],
  [
    'one after the other',
    `${block('A', 'a')}\n${block('B', 'b')}`,
    [
      ['A', {}, 'a'],
      ['B', {}, 'b'],
    ],
  ],
  ['headers', block('A', 'a', 'Proc-Type: 4\nX: y: z\n\n'), [['A', { 'Proc-Type': '4', X: 'y: z' }, 'a']]],
  ['lines that end as on Windows', block('A', 'hello').replaceAll('\n', '\r\n'), [['A', {}, 'hello']]],
  ['long lines broken', '-----BEGIN A-----\naGVs\nbG8=\n-----END A-----', [['A', {}, 'hello']]],
  ['not at the start of a line', ` ${block('A', 'a')}`, []],
  ['no end', '-----BEGIN A-----\naGVsbG8=\n', []],
  [
    'the end of another',
    `-----BEGIN A-----\naGVsbG8=\n-----END B-----\n${block('C', 'c')}`,
    [['C', {}, 'c']],
  ],
  ['what is no base64', `-----BEGIN A-----\n!!!\n-----END A-----\n${block('C', 'c')}`, [['C', {}, 'c']]],
  ['words behind its end', `${block('A', 'a')} more\n${block('C', 'c')}`, [['C', {}, 'c']]],
])('%s', (_, text, blocks) => {
  expect(read(text)).toEqual(blocks);
});
