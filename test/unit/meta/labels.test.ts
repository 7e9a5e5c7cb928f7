import { expect, test } from 'vitest';
import { LabelRequirement } from '../../../shared/meta/label-requirement.ts';
import {
  EVERYTHING,
  formatLabelSelector,
  labelSelectorAsSelector,
  NOTHING,
  parseLabelSelector,
  selectorFromSet,
} from '../../../shared/meta/labels.ts';
import { SelectorError } from '../../../shared/meta/selector-error.ts';
import type { LabelSelector } from '../../../shared/meta/v1/types.ts';
import fc, { fuzzRuns } from '../../fixtures/fuzz.ts';

const KEY =
  "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";
const VALUE =
  "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";

test.each<[string, string]>([
  ['', ''],
  [' ', ''],
  ['x=a,y=b,z=c', 'x=a,y=b,z=c'],
  ['z = c , x==a', 'x==a,z=c'],
  ['x!=a', 'x!=a'],
  ['x', 'x'],
  ['!x', '!x'],
  ['x=', 'x='],
  ['x= ,y=', 'x=,y='],
  ['x in (b,a)', 'x in (a,b)'],
  ['x in ()', 'x in ()'],
  ['x in (,)', 'x in ()'],
  ['x in (a,)', 'x in (,a)'],
  ['x notin (a,,b)', 'x notin (,a,b)'],
  ['x>1,z<5', 'x>1,z<5'],
  ['in in (in,notin)', 'in in (in,notin)'],
  ['notin', 'notin'],
  ['a.io/b\t=\nc', 'a.io/b=c'],
])('%j reads as %j', (text, canonical) => {
  const selector = parseLabelSelector(text);
  expect([selector.toString(), parseLabelSelector(canonical).toString()]).toEqual([canonical, canonical]);
});

test.each<[string, string]>([
  ['x=a||y=b', `unable to parse requirement: values[0][x]: Invalid value: "a||y": ${VALUE}`],
  ['x==a==b', "found '==', expected: ',' or 'end of string'"],
  [',x=a', "found ',', expected: !, identifier, or 'end of string'"],
  ['x=a,', "found '', expected: identifier after ','"],
  ['!x=a', "found '=', expected: ',' or 'end of string'"],
  ['x y', "unable to parse requirement: found 'y', expected: in, notin, =, ==, !=, gt, lt"],
  ['x in a', "unable to parse requirement: found 'a' expected: '('"],
  ['x in (a', "unable to parse requirement: found '', expected: ',' or ')'"],
  ['x in (=)', "unable to parse requirement: found '=', expected: ',', ')' or identifier"],
  ['x in (a b)', "unable to parse requirement: found 'b', expected: ',' or ')'"],
  ['x=(', "unable to parse requirement: found '(', expected: identifier"],
  ['x!!=a', "unable to parse requirement: found '!', expected: in, notin, =, ==, !=, gt, lt"],
  [
    'x>a',
    `unable to parse requirement: values[0]: Invalid value: "a": for 'Gt', 'Lt' operators, the value must be an integer`,
  ],
  ['-x=a', `unable to parse requirement: <nil>: Invalid value: "-x": ${KEY}`],
  ['!', "unable to parse requirement: found '', expected: identifier"],
])('%j is rejected', (text, message) => {
  expect(() => parseLabelSelector(text)).toThrow(new SelectorError(message));
});

test.each<[string, Record<string, string>, boolean]>([
  ['', {}, true],
  ['x=a', { x: 'a' }, true],
  ['x=a', { x: 'b' }, false],
  ['x=', {}, false],
  ['x!=a', {}, true],
  ['x', { x: '' }, true],
  ['!x', { y: '' }, true],
  ['x in (a,b)', { x: 'b' }, true],
  ['x notin (a,b)', { x: 'c' }, true],
  ['x notin (a,b)', { x: 'a' }, false],
  ['x>1', { x: '2' }, true],
  ['x<9223372036854775807', { x: '9223372036854775806' }, true],
  ['x<9', { x: '99999999999999999999' }, false],
  ['constructor', {}, false],
  ['x=a,y=b', { x: 'a', y: 'c' }, false],
])('%j on %j: %j', (text, labels, matches) => {
  expect(parseLabelSelector(text).matches(labels)).toBe(matches);
});

test.each<[LabelSelector | undefined, string, boolean]>([
  [undefined, '<none>', false],
  [{}, '<none>', true],
  [{ matchLabels: { b: '1', a: '2' } }, 'a=2,b=1', false],
  [{ matchExpressions: [{ key: 'a', operator: 'NotIn', values: ['z', 'y'] }] }, 'a notin (y,z)', true],
  [{ matchExpressions: [{ key: 'a', operator: 'DoesNotExist' }] }, '!a', true],
  [{ matchExpressions: [{ key: 'a', operator: 'Maybe' }] }, '<error>', false],
])('%j is written %j', (selector, text, matchesNoLabels) => {
  expect(formatLabelSelector(selector)).toBe(text);
  if (text !== '<error>') expect(labelSelectorAsSelector(selector).matches({})).toBe(matchesNoLabels);
});

test.each<[LabelSelector, string]>([
  [{ matchExpressions: [{ key: 'a', operator: 'Maybe' }] }, '"Maybe" is not a valid label selector operator'],
  [
    { matchExpressions: [{ key: 'a', operator: 'In' }] },
    "values: Invalid value: []: for 'in', 'notin' operators, values set can't be empty",
  ],
  [{ matchLabels: { '': 'a' } }, `key: Invalid value: "": name part must be non-empty; ${KEY}`],
])('%j is rejected', (selector, message) => {
  expect(() => labelSelectorAsSelector(selector)).toThrow(new SelectorError(message));
});

test('selectors compose and expose their requirements', () => {
  const selector = selectorFromSet({ a: '1' }).add(LabelRequirement.of('b', 'in', ['x', 'y']));
  expect([
    selector.toString(),
    selector.requiresExactMatch('a'),
    selector.requiresExactMatch('b'),
    selectorFromSet({}) === EVERYTHING,
    NOTHING.matches({}),
    NOTHING.requirements(),
  ]).toEqual(['a=1,b in (x,y)', '1', undefined, true, false, undefined]);
});

test('the text of a selector parses to the same selector', () => {
  const word = fc.constantFrom('a', 'b.io/c', 'in', 'notin', '1');
  const term = fc.oneof(
    word,
    word.map((key) => `!${key}`),
    fc.tuple(word, fc.constantFrom('=', '==', '!='), word).map((parts) => parts.join(' ')),
    fc.tuple(word, fc.constantFrom(' in ', ' notin '), fc.array(word)).map(([k, o, v]) => `${k}${o}(${v})`),
  );
  fc.assert(
    fc.property(fc.array(term, { minLength: 1 }), (terms) => {
      if (terms.some((each) => each.includes('=  b.io/c') || each.endsWith('= b.io/c'))) return;
      if (terms.some((each) => /\(.*b\.io/.test(each))) return;
      const canonical = parseLabelSelector(terms.join(',')).toString();
      expect(parseLabelSelector(canonical).toString()).toBe(canonical);
    }),
  );
});

test('any text is either parsed or rejected', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(...'ab=!(),<> in\0\\') }), (text) => {
      try {
        parseLabelSelector(text);
      } catch (error) {
        expect((error as Error).name).toBe('SelectorError');
      }
    }),
  );
});

test('many terms are satisfied if each of them is', () => {
  const key = fc.constantFrom('a', 'b', 'constructor');
  const value = fc.constantFrom('1', '2', '3', 'x');
  const term = fc.oneof(
    key,
    key.map((name) => `!${name}`),
    fc.tuple(key, fc.constantFrom('=', '!='), value).map((parts) => parts.join('')),
    fc.tuple(key, fc.constantFrom('>', '<'), fc.constantFrom('1', '2', '3')).map((parts) => parts.join('')),
    fc.tuple(key, fc.constantFrom(' in ', ' notin '), fc.array(value)).map(([k, o, v]) => `${k}${o}(${v})`),
  );
  const labels = fc.dictionary(fc.constantFrom('a', 'b', 'c', 'd'), value);
  fc.assert(
    fc.property(fc.array(term), labels, (terms, object) => {
      const alone = terms.map((text) => parseLabelSelector(text).matches(object));
      expect(parseLabelSelector(terms.join(',')).matches(object)).toBe(alone.every(Boolean));
    }),
    { numRuns: fuzzRuns(100) },
  );
});

test('thousands of terms cost one access per label', () => {
  const terms = Array.from({ length: 5_000 }, (_, i) => `k${i}!=v,same!=v${i}`);
  const selector = parseLabelSelector(terms.join(','));
  let looks = 0;
  const labels = new Proxy<Record<string, string>>(
    { a: 'b', c: 'd', same: 'v' },
    {
      get: (target, key: string) => {
        looks++;
        return target[key];
      },
    },
  );
  expect([selector.matches(labels), looks]).toEqual([true, 1]);
});
