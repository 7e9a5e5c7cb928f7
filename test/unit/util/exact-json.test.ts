import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseInPieces } from '../../../shared/runtime/serializer/json/untyped-decoders.ts';
import { atOnce } from '../../../shared/util/breathe.ts';
import { parseJSON, stringifyInPieces, stringifyJSON } from '../../../shared/util/exact-json.ts';

test.each<[string, unknown]>([
  ['9007199254740991', 9007199254740991],
  ['9007199254740993', 9007199254740993n],
  ['-9223372036854775808', -9223372036854775808n],
  ['9223372036854775808', 2 ** 63],
  ['9007199254740993.5', Number('9007199254740993.5')],
  ['9007199254740993e3', Number('9007199254740993e3')],
  ['0.90071992547409931', Number('0.90071992547409931')],
  ['[1e9007199254740993]', [Number.POSITIVE_INFINITY]],
  ['"9007199254740993"', '9007199254740993'],
  ['{"9007199254740993":1,"a":9007199254740993}', { '9007199254740993': 1, a: 9007199254740993n }],
  [
    '["\\"9007199254740993", 9007199254740993 , "a\\\\", 9007199254740995]',
    ['"9007199254740993', 9007199254740993n, 'a\\', 9007199254740995n],
  ],
  [
    '{"__proto__":9007199254740993}',
    JSON.parse('{"__proto__":0}', (key, value) => (key === '' ? value : 9007199254740993n)),
  ],
])('%s is parsed exactly', (text, expected) => {
  expect(parseJSON(text)).toEqual(expected);
});

test.each([
  '{9007199254740993:1}',
  '{9007199254740993 :1}',
  '09007199254740993',
  '-',
  'a9007199254740993',
  '9007199254740993"',
  '"9007199254740993',
  '[9007199254740993',
  '9007199254740993 9007199254740993',
])('%s is invalid JSON, as without its integers', (text) => {
  expect(() => parseJSON(text)).toThrow(SyntaxError);
  expect(() => JSON.parse(text)).toThrow(SyntaxError);
});

/** Enough values for their container to be processed in pieces. */
const many = Array.from({ length: 20_000 }, (_, i) => i);

test('written values survive a round trip', () => {
  const scalar = fc.oneof(
    fc.string(),
    fc.bigInt({ min: 2n ** 53n, max: 2n ** 63n - 1n }),
    fc.integer(),
    fc.stringMatching(/^["\\0-9]{0,20}$/),
  );
  const { tree } = fc.letrec((tie) => ({
    tree: fc.oneof(
      { maxDepth: 3 },
      scalar,
      fc.array(tie('tree')),
      fc.dictionary(fc.stringMatching(/^["\\0-9a]{0,20}$/), tie('tree')),
    ),
  }));
  fc.assert(
    fc.property(tree, (value) => {
      expect(parseJSON(stringifyJSON(value))).toEqual(value);
    }),
  );
  fc.assert(
    fc.property(tree, (value) => {
      const large = { value, many, absent: undefined, list: [undefined, null, value] };
      const text = stringifyJSON(large);
      expect(atOnce(stringifyInPieces(large))).toBe(text);
      expect(atOnce(parseInPieces(text))).toEqual(parseJSON(text));
    }),
    { numRuns: 20 },
  );
});
