import { RE2JS } from 're2js';
import { expect, test, vi } from 'vitest';
import { compilePattern } from '../../../shared/cel/library/regex.ts';

test.each<[string, string, number]>([
  ['a pattern', '^[a-z]+$', 1],
  ['an invalid pattern', '[', 1],
  ['a long pattern', 'a'.repeat(3_000), 2],
  ['a short pattern of a large program', 'a{1000}'.repeat(20), 2],
])('%s is compiled %i times for two matches', (_, pattern, expected) => {
  const compile = vi.spyOn(RE2JS, 'compile');
  for (let i = 0; i < 2; i++) compilePattern(pattern);
  expect(compile).toHaveBeenCalledTimes(expected);
  compile.mockRestore();
});
