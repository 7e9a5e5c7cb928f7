import { expect, test } from 'vitest';
import { FieldSelector, parseFieldSelector } from '../../../shared/meta/fields.ts';
import { SelectorError } from '../../../shared/meta/selector-error.ts';
import fc from '../../fixtures/fuzz.ts';

test.each<[string, string]>([
  ['', ''],
  ['a=b', 'a=b'],
  ['a==b', 'a=b'],
  ['b=2,a!=1', 'a!=1,b=2'],
  [',a=b,,', 'a=b'],
  ['a=', 'a='],
  ['a=b\\,c\\=d\\\\', 'a=b\\,c\\=d\\\\'],
  ['metadata.name=x,spec.nodeName!=', 'metadata.name=x,spec.nodeName!='],
])('%j reads as %j', (text, canonical) => {
  expect(parseFieldSelector(text).toString()).toBe(canonical);
});

test.each<[string, string]>([
  ['a', "invalid selector: 'a'; can't understand 'a'"],
  ['a=b,c', "invalid selector: 'a=b,c'; can't understand 'c'"],
  ['a=b=c', 'invalid field selector: unescaped character in value: 61'],
  ['a=\\x', 'invalid field selector: invalid escape sequence: \\x'],
  ['a=\\', 'invalid field selector: invalid escape sequence: \\'],
])('%j is rejected', (text, message) => {
  expect(() => parseFieldSelector(text)).toThrow(new SelectorError(message));
});

test.each<[string, Record<string, string>, boolean]>([
  ['', {}, true],
  ['a=', {}, true],
  ['a!=', {}, false],
  ['a=1,b!=2', { a: '1', b: '3' }, true],
  ['a=1,b!=2', { a: '1', b: '2' }, false],
  ['constructor!=x', {}, true],
])('%j on %j: %j', (text, fields, matches) => {
  expect(parseFieldSelector(text).matches(fields)).toBe(matches);
});

test('a transformation renames and drops', () => {
  const selector = parseFieldSelector('name=x,old!=y').transform((field, value) =>
    field === 'old' ? { field: '', value: '' } : { field: `metadata.${field}`, value },
  );
  expect(selector).toEqual(new FieldSelector([{ field: 'metadata.name', operator: '=', value: 'x' }]));
  expect([selector.requiresExactMatch('metadata.name'), selector.requiresExactMatch('old')]).toEqual([
    'x',
    undefined,
  ]);
});

test('any value survives escaping', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (value) => {
      const selector = new FieldSelector([{ field: 'f', operator: '=', value }]);
      expect(parseFieldSelector(selector.toString()).requirements).toEqual(selector.requirements);
    }),
  );
});

test('many terms are satisfied if each of them is', () => {
  const word = fc.constantFrom('a', 'b', '');
  const term = fc.record({
    field: word,
    operator: fc.constantFrom('=' as const, '!=' as const),
    value: word,
  });
  fc.assert(
    fc.property(fc.array(term), fc.dictionary(word, word), (terms, fields) => {
      const alone = terms.map((one) => new FieldSelector([one]).matches(fields));
      expect(new FieldSelector(terms).matches(fields)).toBe(alone.every(Boolean));
    }),
  );
});
