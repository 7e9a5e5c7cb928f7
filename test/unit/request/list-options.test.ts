import { expect, test } from 'vitest';
import { formatFieldError } from '../../../shared/meta/field-error.ts';
import {
  decodeListOptions,
  setListOptionsDefaults,
  validateListOptions,
} from '../../../shared/request/list-options.ts';

test('reads everything', () => {
  const options = decodeListOptions(
    new URLSearchParams(
      'watch=1&allowWatchBookmarks=true&labelSelector=b,a=1&fieldSelector=x!=y&resourceVersion=5&resourceVersionMatch=NotOlderThan&timeoutSeconds=30&limit=10&continue=c&sendInitialEvents=true',
    ),
  );
  expect({
    ...options,
    labelSelector: `${options.labelSelector}`,
    fieldSelector: `${options.fieldSelector}`,
  }).toEqual({
    watch: true,
    allowWatchBookmarks: true,
    labelSelector: 'a=1,b',
    fieldSelector: 'x!=y',
    resourceVersion: '5',
    resourceVersionMatch: 'NotOlderThan',
    timeoutSeconds: 30,
    limit: 10,
    continue: 'c',
    sendInitialEvents: true,
  });
});

test.each<[query: string, message: string]>([
  ['limit=x', 'strconv.ParseInt: parsing "x": invalid syntax'],
  ['limit=9223372036854775808', 'strconv.ParseInt: parsing "9223372036854775808": value out of range'],
  ['timeoutSeconds=1.5', 'strconv.ParseInt: parsing "1.5": invalid syntax'],
  ['labelSelector=a b', "unable to parse requirement: found 'b', expected: in, notin, =, ==, !=, gt, lt"],
  ['fieldSelector=a', "invalid selector: 'a'; can't understand 'a'"],
])("%s can't be parsed", (query, message) => {
  expect(() => decodeListOptions(new URLSearchParams(query))).toThrow(message);
});

test.each<[query: string, errors: string[]]>([
  ['resourceVersion=1&resourceVersionMatch=Exact', []],
  [
    'resourceVersionMatch=Exact',
    ['resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden unless resourceVersion is provided'],
  ],
  [
    'resourceVersion=0&resourceVersionMatch=Exact',
    ['resourceVersionMatch: Forbidden: resourceVersionMatch "exact" is forbidden for resourceVersion "0"'],
  ],
  [
    'resourceVersion=1&resourceVersionMatch=Sometimes&continue=c',
    [
      'resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden when continue is provided',
      'resourceVersionMatch: Unsupported value: "Sometimes": supported values: "Exact", "NotOlderThan", ""',
    ],
  ],
  ['sendInitialEvents=true', ['sendInitialEvents: Forbidden: sendInitialEvents is forbidden for list']],
  [
    'watch=1&sendInitialEvents=true',
    [
      'resourceVersionMatch: Forbidden: sendInitialEvents requires setting resourceVersionMatch to NotOlderThan',
    ],
  ],
  [
    'watch=1&resourceVersion=5&resourceVersionMatch=NotOlderThan',
    [
      'resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided',
    ],
  ],
])('%s', (query, errors) => {
  expect(validateListOptions(decodeListOptions(new URLSearchParams(query))).map(formatFieldError)).toEqual(
    errors,
  );
});

test.each<[query: string, sendInitialEvents: boolean | undefined]>([
  ['watch=1', true],
  ['watch=1&resourceVersion=0', true],
  ['watch=1&resourceVersion=5', undefined],
  ['watch=1&sendInitialEvents=false&resourceVersionMatch=NotOlderThan', false],
  ['', undefined],
])('%s begins with the current objects: %s', (query, sendInitialEvents) => {
  expect(setListOptionsDefaults(decodeListOptions(new URLSearchParams(query))).sendInitialEvents).toBe(
    sendInitialEvents,
  );
});
