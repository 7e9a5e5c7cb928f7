import { expect, test } from 'vitest';
import { validateSysctlOverlaps } from '../../../../shared/apis/policy/validation/sysctl-patterns.ts';
import { FieldPath } from '../../../../shared/meta/field-path.ts';
import { Random } from '../../../fixtures/random.ts';

const NAMES = ['a', 'a*', 'a.b', 'a.b*', 'a.bc', '*', 'b', 'b*', '', 'a.b.c*', 'ab'];
const covers = (pattern: string, other: string): boolean =>
  pattern.endsWith('*') ? other.replace(/\*$/, '').startsWith(pattern.slice(0, -1)) : pattern === other;

const overlaps = (allowed: readonly string[], refused: readonly string[]) =>
  validateSysctlOverlaps(
    { path: FieldPath.of('a'), patterns: allowed },
    { path: FieldPath.of('r'), patterns: refused },
  );

test('overlaps of patterns are pairwise, in order', () => {
  const random = new Random(7);
  const draw = () => Array.from({ length: random.below(5) }, () => random.pick(NAMES));
  for (let times = 0; times < 500; times++) {
    const [allowed, refused] = [draw(), draw()];
    const expected = allowed.flatMap((one, index) =>
      refused.flatMap((other, otherIndex) => {
        if (covers(other, one)) return [`a[${index}]: sysctl overlaps with ${other}`];
        return covers(one, other) ? [`r[${otherIndex}]: sysctl overlaps with ${one}`] : [];
      }),
    );
    const found = overlaps(allowed, refused).map(({ field, detail }) => `${field}: ${detail}`);
    expect(found, JSON.stringify([allowed, refused])).toEqual(expected);
  }
});

test('pairwise comparisons of many patterns are bounded', () => {
  const all = Array.from({ length: 200 }, () => '*');
  expect(overlaps(all, all)).toHaveLength(10_000);
});
