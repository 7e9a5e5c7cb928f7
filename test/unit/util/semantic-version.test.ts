import { expect, test } from 'vitest';
import { compareSemanticVersions, parseSemanticVersion } from '../../../shared/util/semantic-version.ts';

test.each(['1', '1.2', '01.2.3', 'v1.2.3', '1.2.3-', '1.2.3-01', '1.2.3-a..b', '1.2.3+'])(
  '%s is not a version',
  (text) => {
    expect(parseSemanticVersion(text)).toBeUndefined();
  },
);

test('orders by the specification', () => {
  const ascending = [
    '0.9.9',
    '1.0.0-alpha',
    '1.0.0-alpha.1',
    '1.0.0-alpha.beta',
    '1.0.0-beta',
    '1.0.0-beta.2',
    '1.0.0-beta.11',
    '1.0.0-rc.1',
    '1.0.0',
    '1.0.1',
    '1.2.0',
    '1.11.0',
  ].map((text) => parseSemanticVersion(text)!);
  for (const [index, version] of ascending.entries()) {
    for (const [other, otherVersion] of ascending.entries()) {
      expect(Math.sign(compareSemanticVersions(version, otherVersion))).toBe(Math.sign(index - other));
    }
  }
});

test('build metadata is ignored', () => {
  const [a, b] = ['1.2.3+a', '1.2.3+b.1'].map((text) => parseSemanticVersion(text)!);
  expect(compareSemanticVersions(a!, b!)).toBe(0);
});
