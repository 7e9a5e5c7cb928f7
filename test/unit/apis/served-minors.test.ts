/**
 * The resource table compared with the OpenAPI document of each minor since 1.20:
 * `npm run import -- --kubernetes v1.20.15 --served-only` writes these facts.
 */

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { root } from '../../../infra/build/bundle-options.ts';
import type { ServedVerbs } from '../../../infra/import/served-paths.ts';
import { resourcesOf } from '../../../shared/apis/emulated-resources.ts';
import { builtinResources } from '../../../shared/apis/resource-table.ts';
import { isLeftOut } from '../../fixtures/left-out.ts';

const FOLDER = join(root, 'test/facts/served');
const minors = readdirSync(FOLDER).map((file) => file.replace('.json', ''));

/**
 * Resources for which upstream's lifecycle marks differ by a minor from what was served; the table keeps the marks,
 * because warnings are based on them.
 */
const MARKED_OTHERWISE: Readonly<Record<string, readonly string[]>> = {
  '1.23': ['storage.k8s.io/v1alpha1 volumeattachments', 'storage.k8s.io/v1alpha1 volumeattachments/status'],
  '1.26': ['certificates.k8s.io/v1alpha1 clustertrustbundles'],
};

/** Entries of upstream's document that are missing in the table: the minors, and the reason. */
const NOT_SERVED: Readonly<Record<string, { readonly minors: readonly string[]; readonly why: string }>> = {
  'networking.k8s.io/v1 networkpolicies/status': {
    minors: ['1.24', '1.25', '1.26', '1.27'],
    why: 'it came and went between 1.20 and the newest release',
  },
  'v1 pods/ephemeralcontainers': {
    minors: ['1.21', '1.22'],
    why: 'it was alpha and off by default, with a kind of its own in 1.21; its gate is gone',
  },
};

const flat = (served: ServedVerbs): Record<string, readonly string[]> =>
  Object.fromEntries(
    Object.entries(served).flatMap(([version, resources]) =>
      Object.entries(resources).map(([name, verbs]) => [`${version} ${name}`, verbs]),
    ),
  );

/** `v1 pods` for `v1 pods/status`. */
const parentOf = (name: string): string => name.replace(/( [^/]+)\/.*$/, '$1');

/** The verbs served by a minor such as `1.20` according to the table. */
function verbsOfTable(minor: string): ServedVerbs {
  const versions = [...resourcesOf(builtinResources(), minor)].map(([version, { resources }]) => {
    const entries = Object.entries(resources).flatMap(([name, { verbs, subresources = {} }]) => [
      [name, [...verbs].sort()],
      ...Object.entries(subresources).map(([part, of]) => [`${name}/${part}`, [...of.verbs].sort()]),
    ]);
    return [version, Object.fromEntries(entries)];
  });
  return Object.fromEntries(versions) as ServedVerbs;
}

describe('resources, subresources and verbs of', () => {
  test.each(minors)('%s', (minor) => {
    const upstream = flat(JSON.parse(readFileSync(join(FOLDER, `${minor}.json`), 'utf8')) as ServedVerbs);
    const own = flat(verbsOfTable(minor));
    for (const name of Object.keys(upstream)) {
      if (!isLeftOut(parentOf(name)) && !NOT_SERVED[name]?.minors.includes(minor)) continue;
      expect(own).not.toHaveProperty([name]);
      delete upstream[name];
    }
    for (const name of MARKED_OTHERWISE[minor] ?? []) {
      expect(upstream).not.toHaveProperty([name]);
      delete own[name];
    }
    expect(own).toEqual(upstream);
  });
});
