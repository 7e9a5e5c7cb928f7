/**
 * Adds a release to the tables of what each minor had, which emulation reads, and to the facts that its tests compare
 * with.
 */

import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { History } from '../../shared/apis/history.ts';
import type { FeatureGate } from '../../shared/server/options/feature-gates.ts';
import { root } from '../build/bundle-options.ts';
import { bootstrapEntries } from './bootstrap-policy.ts';
import { compareVersions } from './compare-versions.ts';
import { importDiscovery, isPublished } from './discovery.ts';
import { importFeatureGates } from './feature-gates.ts';
import { fieldHistory } from './field-history.ts';
import { type FieldSets, importFields } from './fields.ts';
import { formatHistory, NO_HISTORY, withMinor } from './history.ts';
import type { Sources } from './modules.ts';
import { importOldFeatureGates } from './old-feature-gates.ts';
import { importDefaultPlugins, importDefaultVersions } from './server-defaults.ts';

const GATES = 'shared/server/emulation/feature-gate-history.json';
const PLUGINS = 'shared/admission/plugin-history.json';
const POLICY = 'shared/authz/rbac/bootstrap/policy-history.json';
const FIELDS = 'shared/apis/field-history.json';
const FACTS = 'test/facts';

/** The first release for which upstream generates a list of gates. */
const LISTED_GATES = '1.32';

const asKeys = (names: readonly string[]): Record<string, true> =>
  Object.fromEntries(names.map((name) => [name, true]));

function added<V>(path: string, minor: string, table: Readonly<Record<string, V>>): History<V> {
  const file = join(root, path);
  const known = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as History<V>) : NO_HISTORY;
  const next = withMinor<V>(known, minor, table);
  writeFileSync(file, formatHistory(next));
  return next;
}

/** Short names and categories, which are only in discovery documents. */
function namesOf(sources: Sources): Record<string, object> {
  const served = importDiscovery(sources);
  return Object.fromEntries(
    Object.entries(served).flatMap(([version, resources]) =>
      Object.entries(resources).flatMap(([name, { singular, shortNames = [], categories = [] }]) =>
        name.includes('/') ? [] : [[`${version} ${name}`, { singular, shortNames, categories }]],
      ),
    ),
  );
}

export function writeHistories(sources: Sources): void {
  const { minor } = sources;
  const gates: Readonly<Record<string, FeatureGate>> =
    compareVersions(minor, LISTED_GATES) < 0 ? importOldFeatureGates(sources) : importFeatureGates(sources);
  added(GATES, minor, gates);
  added(PLUGINS, minor, asKeys(importDefaultPlugins(sources)));
  added(POLICY, minor, bootstrapEntries(sources));
  added(`${FACTS}/served-defaults.json`, minor, asKeys(importDefaultVersions(sources)));
  if (isPublished(sources)) added(`${FACTS}/served-names.json`, minor, namesOf(sources));
  const fields = added<FieldSets[string]>(`${FACTS}/served-fields.json`, minor, importFields(sources));
  writeFileSync(join(root, FIELDS), fieldHistory(fields));
}
