import { RE2JS } from 're2js';
import { expect, test } from 'vitest';
import { compilePattern } from '../../../shared/cel/library/regex.ts';
import { loadRegexps } from '../../../shared/util/regexp.ts';
import { stepsOf } from '../../../shared/util/regexp-size.ts';

test.each([
  ['abc', 3],
  ['a{1000}', 2_000],
  ['a{2,5}b', 11],
  ['(abc){10}', 60],
  ['((a{10}){10}){10}', 2_330],
  ['[a-z]{3}[^]]{2}[[:alpha:]\\]]x', 12],
  ['\\pL{2}\\p{Greek}{2}\\x{41}\\{2}', 12],
  ['\\Qa{1000}\\E', 7],
  ['a{,5}{x}', 8],
  ['x{3,}', 8],
  ['(', 0],
  [')a{2}', 6],
])('%s has %i steps', (pattern, steps) => {
  expect(stepsOf(pattern)).toBe(steps);
});

test.each([
  '^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$',
  '(a|bc){7}d+e?',
  '(?i:[a-z]{10})(?P<n>x{2,9}){3,}',
  'a{100}b{0,100}',
])('%s compiles to no more than its steps', (pattern) => {
  expect(RE2JS.compile(pattern).programSize()).toBeLessThanOrEqual(stepsOf(pattern) + 2);
});

test('an expression that is large when written out is refused before it is compiled', async () => {
  const large = 'a{1000}'.repeat(60);
  const message = 'error parsing regexp: expression too large';
  expect((await loadRegexps())(large).syntaxError()).toBe(message);
  expect(compilePattern(large)).toMatchObject({ message });
  expect((await loadRegexps())('(a{1,63}){0,253}').syntaxError()).toContain('invalid repeat count');
  expect((await loadRegexps())('a{1000}'.repeat(40)).syntaxError()).toBeUndefined();
});

test('its size is computed in linear work', () => {
  for (const pattern of ['(', ')', '[', '\\Q', '{1', '\\p{', '[[:a', 'a{1}']) {
    expect(stepsOf(pattern.repeat(100_000))).toBeGreaterThanOrEqual(0);
  }
});
