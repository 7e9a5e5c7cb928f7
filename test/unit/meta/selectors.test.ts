import { expect, test } from 'vitest';
import {
  formatFieldSelector,
  matchesFields,
  parseFieldSelector,
} from '../../../shared/meta/field-selector.ts';
import {
  formatLabelSelector,
  matchesLabels,
  parseLabelSelector,
  SelectorError,
} from '../../../shared/meta/label-selector.ts';

const VALUE =
  "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";

test.each<[text: string, canonical: string]>([
  ['', ''],
  ['a', 'a'],
  ['!a', '!a'],
  ['b=1,a==2', 'a==2,b=1'],
  ['x in (foo,,baz),y,z notin ()', 'x in (,baz,foo),y,z notin ()'],
  ['x in (in)', 'x in (in)'],
  ['n>5,n<7', 'n>5,n<7'],
  ['a=', 'a='],
  ['a != b', 'a!=b'],
  ['example.com/a in (1, 2)', 'example.com/a in (1,2)'],
])('label selector %j is %j', (text, canonical) => {
  expect(formatLabelSelector(parseLabelSelector(text))).toBe(canonical);
});

test.each<[text: string, message: string]>([
  ['a b', "unable to parse requirement: found 'b', expected: in, notin, =, ==, !=, gt, lt"],
  ['a,', "found '', expected: identifier after ','"],
  ['=a', "found '=', expected: !, identifier, or 'end of string'"],
  ['a in b', "unable to parse requirement: found 'b' expected: '('"],
  ['a in (b c)', "unable to parse requirement: found 'c', expected: ',' or ')'"],
  ['a=b=c', "found '=', expected: ',' or 'end of string'"],
  ['a=-', `unable to parse requirement: values[0][a]: Invalid value: "-": ${VALUE}`],
  [
    'n>x',
    "unable to parse requirement: values[0]: Invalid value: \"x\": for 'Gt', 'Lt' operators, the value must be an integer",
  ],
  ['/a=b', 'unable to parse requirement: <nil>: Invalid value: "/a": prefix part must be non-empty'],
])('label selector %j is refused', (text, message) => {
  expect(() => parseLabelSelector(text)).toThrow(new SelectorError(message));
});

test.each<[text: string, labels: Record<string, string>, matches: boolean]>([
  ['', {}, true],
  ['a', { a: '' }, true],
  ['a', {}, false],
  ['!a', {}, true],
  ['a=1', { a: '1' }, true],
  ['a!=1', {}, true],
  ['a notin (1,2)', { a: '2' }, false],
  ['a in (1,2)', { a: '2' }, true],
  ['a>1', { a: '2' }, true],
  ['a<1', { a: 'x' }, false],
  ['constructor', {}, false],
])('label selector %j on %j: %s', (text, labels, matches) => {
  expect(matchesLabels(parseLabelSelector(text), labels)).toBe(matches);
});

test.each<[text: string, canonical: string]>([
  ['', ''],
  ['b!=1,a==2', 'a=2,b!=1'],
  ['a=x\\,y\\=z\\\\', 'a=x\\,y\\=z\\\\'],
  [',,', ''],
])('field selector %j is %j', (text, canonical) => {
  expect(formatFieldSelector(parseFieldSelector(text))).toBe(canonical);
});

test.each<[text: string, message: string]>([
  ['a', "invalid selector: 'a'; can't understand 'a'"],
  ['a=b=c', 'invalid field selector: unescaped character in value: 61'],
  ['a=\\b', 'invalid field selector: invalid escape sequence: \\b'],
  ['a=\\', 'invalid field selector: invalid escape sequence: \\'],
])('field selector %j is refused', (text, message) => {
  expect(() => parseFieldSelector(text)).toThrow(new SelectorError(message));
});

test('a field that an object lacks is empty', () => {
  expect(matchesFields(parseFieldSelector('spec.nodeName='), {})).toBe(true);
  expect(matchesFields(parseFieldSelector('spec.nodeName!=a'), { 'spec.nodeName': 'a' })).toBe(false);
});
