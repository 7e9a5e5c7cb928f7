import { expect, test } from 'vitest';
import { compareKubeVersions } from '../../../shared/util/kube-version.ts';

test('stable before beta before alpha, newer before older, then all others alphabetically', () => {
  const ordered = ['v10', 'v2', 'v1', 'v11beta2', 'v10beta3', 'v3beta1', 'v12alpha1', 'v11alpha2'];
  const others = ['10', 'V1', 'foo1', 'foo10', 'v', 'v1-beta', 'v1beta', 'v1gamma1'];
  const all = [...ordered, ...others];
  expect([...all].reverse().sort((a, b) => compareKubeVersions(b, a))).toEqual(all);
  for (const version of all) expect(compareKubeVersions(version, version)).toBe(0);
});
