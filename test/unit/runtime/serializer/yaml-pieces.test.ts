import { expect, test } from 'vitest';
import { writeYAML, writeYAMLInPieces } from '../../../../shared/runtime/serializer/yaml/write-yaml.ts';
import fc, { fuzzRuns } from '../../../fixtures/fuzz.ts';

const TEXTS = [
  '',
  'a',
  '1',
  ' a\n\n b',
  'a\n',
  '\n',
  '- a',
  'a: b',
  '#',
  '\u2028a\u2028',
  '\r\na',
  '\ta',
  '---\na',
  "'",
  '"',
];

test('YAML in pieces is YAML at once, whatever the pieces', async () => {
  const text = fc.oneof(
    fc.constantFrom(...TEXTS),
    fc.string({ unit: fc.constantFrom('a', ' ', '\n', ':', '-', '"') }),
  );
  const { value } = fc.letrec<{ value: unknown }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 4 },
      text,
      fc.constantFrom(null, true, 1, 2n ** 60n, {}, [], undefined),
      fc.array(tie('value'), { maxLength: 4 }),
      fc.dictionary(text, tie('value'), { maxKeys: 4 }),
    ),
  }));
  await fc.assert(
    fc.asyncProperty(fc.dictionary(text, value), fc.integer({ min: 1, max: 8 }), async (object, few) => {
      expect(await writeYAMLInPieces(object, few)).toBe(writeYAML(object));
    }),
    { numRuns: fuzzRuns(25) },
  );
});

test('keys that name prototypes, and keys of more than a line', async () => {
  const long = 'k'.repeat(2_000);
  const object = JSON.parse(`{"__proto__":[1,{"__proto__":2}],"${long}":{"a":[1,2]},"b":{"constructor":1}}`);
  expect(await writeYAMLInPieces(object, 1)).toBe(writeYAML(object));
});
