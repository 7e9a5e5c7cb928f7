import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { writeYAML, writeYAMLInPieces } from '../../../../shared/runtime/serializer/yaml/write-yaml.ts';
import { yamlToJSON } from '../../../../shared/runtime/serializer/yaml/yaml-to-json.ts';
import fc, { fuzzRuns } from '../../../fixtures/fuzz.ts';

/** Output of `sigs.k8s.io/yaml` 1.6.0. */
const WRITTEN: readonly { value: object; yaml: string }[] = JSON.parse(
  readFileSync(join(import.meta.dirname, 'yaml-written.json'), 'utf8'),
);

test('keys, strings and numbers are written as by Go', () => {
  for (const { value, yaml } of WRITTEN) expect(writeYAML(value)).toBe(yaml);
});

test('undefined is left out, and keys may name prototypes', () => {
  const value = { ...JSON.parse('{"__proto__":[1],"constructor":{"b":2}}'), a: undefined };
  expect(writeYAML(value)).toBe('__proto__:\n- 1\nconstructor:\n  b: 2\n');
  expect(writeYAML({ a: undefined })).toBe('{}\n');
});

test('integers beyond doubles keep their digits', () => {
  expect(writeYAML([2n ** 63n - 1n, -(2n ** 63n)])).toBe('- 9223372036854775807\n- -9223372036854775808\n');
});

const ATOMS = ['a', '1', ' ', '\n', '\t', ':', '-', '#', '"', "'", 'no', '~', '[', '2020-01-01', '漢', '😀'];
const text = fc.string({ unit: fc.constantFrom(...ATOMS), maxLength: 12 });
const { value } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    text,
    fc.constantFrom(null, true, 1, 1.5, 2n ** 60n),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(text, tie('value'), { maxKeys: 4 }),
  ),
}));

test('written values survive a round trip, in pieces too', async () => {
  await fc.assert(
    fc.asyncProperty(fc.dictionary(text, value), async (object) => {
      const yaml = await writeYAMLInPieces(object);
      expect(yamlToJSON(yaml)).toEqual({ value: object, strictErrors: [] });
      expect(writeYAML(object)).toBe(yaml);
    }),
    { numRuns: fuzzRuns(25) },
  );
});
