/** The tables compared with facts of the served release, which `npm run import` takes from upstream's publications. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { root } from '../../../infra/build/bundle-options.ts';
import { servedAt } from '../../../infra/import/discovery.ts';
import { fieldsOfTables } from '../../../infra/import/fields.ts';
import { type Lifecycles, lifecyclesOfTable } from '../../../infra/import/lifecycle.ts';
import { KUBERNETES_RELEASE } from '../../../shared/apis/kubernetes-release.ts';

const read = (path: string) => readFileSync(join(root, path), 'utf8');
const facts = (name: string) => JSON.parse(read(`test/facts/${name}.json`)) as Record<string, unknown>;

test('groups, versions, resources, verbs, short names and categories', () => {
  expect(servedAt(KUBERNETES_RELEASE.minor)).toEqual(facts('discovery'));
});

/**
 * Kinds of removed versions whose lifecycle marks in current modules differ from those of the releases that served
 * them.
 */
const MARKED_SINCE: Readonly<Record<string, readonly string[]>> = {
  'admissionregistration.k8s.io/v1alpha1': ['ValidatingAdmissionPolicy', 'ValidatingAdmissionPolicyBinding'],
  'storage.k8s.io/v1alpha1': ['CSIStorageCapacity'],
};

test('lifecycle of kinds: introduced, deprecated, removed', () => {
  const upstream = facts('lifecycles') as Lifecycles;
  const own = lifecyclesOfTable(upstream);
  const kindsServed = (of: Lifecycles) =>
    Object.fromEntries(
      Object.entries(of).map(([version, kinds]) => {
        const isCompared = ([kind]: readonly [string, unknown]) =>
          Object.hasOwn(own[version]!, kind) && !MARKED_SINCE[version]?.includes(kind);
        return [version, Object.fromEntries(Object.entries(kinds).filter(isCompared))];
      }),
    );
  expect(kindsServed(own)).toEqual(kindsServed(upstream));
});

test('types and their fields', () => {
  const own = fieldsOfTables();
  const upstream = facts('fields');
  expect(Object.fromEntries(Object.keys(upstream).map((name) => [name, own[name]]))).toEqual(upstream);
  const published = Object.keys(fieldsOfTables((type) => type.published === true));
  expect(published.filter((name) => !Object.hasOwn(upstream, name))).toEqual([]);
});

test('one file defines the release', () => {
  const documents = ['README.md', 'ARCHITECTURE.md', 'shared/apis/README.md'];
  expect(documents.filter((path) => read(path).includes(KUBERNETES_RELEASE.minor))).toEqual([]);
});
