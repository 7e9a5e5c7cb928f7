/** cel-go's own functions and operators (https://github.com/google/cel-go/blob/master/checker/cost.go). */

import { type Estimate, named } from './call-estimate.ts';
import { ONE, plus, regex, times, traversal } from './cost-range.ts';

const concatenation: Estimate = ({ args: [a, b] }) => {
  const size = plus(a!.size, b!.size);
  return { cost: traversal(size), size };
};

const comparison: Estimate = ({ args: [a, b] }) => {
  const max = Math.min(a!.size.max, b!.size.max);
  return { cost: traversal({ min: max > 0 ? 1 : 0, max }) };
};

/** By overload. */
export const STANDARD_ESTIMATES: ReadonlyMap<string, Estimate> = new Map<string, Estimate>([
  ['string_format', ({ target }) => (target === undefined ? undefined : { cost: traversal(target.size) })],
  [
    'string_to_bytes',
    ({ args: [a] }) => ({ cost: traversal(a!.size), size: { min: a!.size.min, max: a!.size.max * 4 } }),
  ],
  [
    'bytes_to_string',
    ({ args: [a] }) => ({
      cost: traversal(a!.size),
      size: { min: Math.floor(a!.size.min / 4), max: a!.size.max },
    }),
  ],
  [
    'strings_quote',
    ({ args: [a] }) => ({
      cost: traversal(a!.size),
      size: { min: a!.size.min + 2, max: a!.size.max * 2 + 2 },
    }),
  ],
  ...named('starts_with_string ends_with_string', ({ args: [a] }) => ({ cost: traversal(a!.size) })),
  ['in_list', ({ args }) => ({ cost: args[1]!.size })],
  ['matches_string', ({ target, args }) => ({ cost: regex(target!.size, args[0]!.size) })],
  [
    'contains_string',
    ({ target, args }) => ({ cost: times(traversal(target!.size), traversal(args[0]!.size)) }),
  ],
  ...named('add_string add_bytes', concatenation),
  ['add_list', ({ args: [a, b] }) => ({ cost: ONE, size: plus(a!.size, b!.size) })],
  ...named(
    'less_string less_equals_string greater_string greater_equals_string less_bytes less_equals_bytes greater_bytes greater_equals_bytes equals not_equals',
    comparison,
  ),
]);
