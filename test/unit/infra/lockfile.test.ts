/** `npm ci` installs exactly the packages that the lockfile was written with. */

import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

interface Entry {
  readonly integrity?: string;
  /** Part of another package, which has the digest. */
  readonly inBundle?: boolean;
  readonly link?: boolean;
  readonly resolved?: string;
}

const { packages } = JSON.parse(readFileSync('package-lock.json', 'utf8')) as {
  readonly packages: Readonly<Record<string, Entry>>;
};
const entries = Object.entries(packages).filter(([path, { link }]) => path !== '' && !link);

/** The emulator's binaries for platforms other than CI's: the registry used for the lockfile lacked them. */
const WITHOUT_DIGEST = ['darwin-arm64', 'darwin-x64', 'linux-arm64'].map(
  (platform) => `node_modules/@dynoxide/${platform}`,
);

test('every package has its digest', () => {
  const without = entries.filter(
    ([, { integrity, inBundle }]) => !inBundle && !integrity?.startsWith('sha512-'),
  );
  expect(without.map(([path]) => path)).toEqual(WITHOUT_DIGEST);
});

test('no package names its registry', () => {
  expect(entries.filter(([, { resolved }]) => resolved !== undefined).map(([path]) => path)).toEqual([]);
});
