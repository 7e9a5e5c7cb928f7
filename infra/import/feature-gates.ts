/**
 * Feature gates, from upstream's generated list
 * (https://github.com/kubernetes/kubernetes/blob/master/test/compatibility_lifecycle/reference/versioned_feature_list.yaml),
 * client-go's own, which are only in its code, and the dependencies between gates, from pkg/features/kube_features.go.
 */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { parse } from 'yaml';
import type { FeatureGate } from '../../shared/server/options/feature-gates.ts';
import { root } from '../build/bundle-options.ts';
import { compareVersions } from './compare-versions.ts';
import { closing, withoutComments } from './go-text.ts';
import type { Sources } from './modules.ts';
import type { Report } from './report.ts';

const LIST = 'test/compatibility_lifecycle/reference/versioned_feature_list.yaml';
/** Locations of the lists in 1.32 and 1.33; gates without versions were in a separate list. */
const OLD_LISTS = [
  'test/featuregates_linter/test_data/versioned_feature_list.yaml',
  'test/featuregates_linter/test_data/unversioned_feature_list.yaml',
  'test/compatibility_lifecycle/reference/unversioned_feature_list.yaml',
];
const OVERRIDES = join(root, 'infra/import/overrides/feature-gates.json');

interface VersionedSpec {
  readonly version: string;
  readonly preRelease: string;
  readonly default: boolean;
  readonly lockToDefault?: boolean;
  readonly minCompatibilityVersion?: string;
}

export type FeatureGateTable = Readonly<Record<string, FeatureGate>>;

/** The state at a release: the last change up to it that is compatible with servers of the previous release. */
function current(specs: readonly VersionedSpec[], minor: string): VersionedSpec | undefined {
  const before = minor.replace(/\d+$/, (number) => String(Number(number) - 1));
  return specs.findLast(
    ({ version, minCompatibilityVersion = '0.0' }) =>
      compareVersions(version || '0.0', minor) <= 0 && compareVersions(minCompatibilityVersion, before) <= 0,
  );
}

function listed(sources: Sources): Map<string, readonly VersionedSpec[]> {
  const texts = [LIST, ...OLD_LISTS].flatMap((path) => sources.text('kubernetes', path) ?? []);
  if (texts.length === 0) throw new Error(`${sources.release} has no ${LIST}`);
  const lists = texts.flatMap(
    (text) => (parse(text) ?? []) as { name: string; versionedSpecs: VersionedSpec[] }[],
  );
  return new Map(lists.map(({ name, versionedSpecs }) => [name, versionedSpecs]));
}

/**
 * Parses `Name: {{Version: version.MustParse("1.30"), Default: true, PreRelease: GA, LockToDefault: true}, ...}`, until
 * 1.34 `Name: {Default: false, PreRelease: Alpha}`.
 */
function inCode(source: string): Map<string, readonly VersionedSpec[]> {
  const text = withoutComments(source);
  const gates = [...text.matchAll(/^\s*(\w+):\s*\{\s*(?:\{Version:|Default:)/gm)];
  return new Map(
    gates.map((match) => {
      const start = text.indexOf('{', match.index);
      const all = text.slice(start, closing(text, start) + 1);
      const specs = [...all.matchAll(/\{([^{}]+)\}/g)].map(
        ([, fields = '']): VersionedSpec => ({
          version: /MustParse\("([^"]+)"\)/.exec(fields)?.[1] ?? '',
          default: /\bDefault: true/.test(fields),
          preRelease: /PreRelease: (?:\w+\.)?(\w+)/.exec(fields)![1]!,
          lockToDefault: /LockToDefault: true/.test(fields),
        }),
      );
      return [match[1]!, specs];
    }),
  );
}

function needsOf(source: string): Map<string, readonly string[]> {
  const text = withoutComments(source);
  const at = text.indexOf('defaultKubernetesFeatureGateDependencies =');
  if (at < 0) return new Map();
  const start = text.indexOf('{', at);
  const entries = text.slice(start + 1, closing(text, start)).matchAll(/(?:\w+\.)?(\w+):\s*\{([^}]*)\}/g);
  return new Map(
    [...entries].map(([, name, needs]) => [
      name!,
      needs!.split(',').flatMap((need) => /(\w+)\)*\s*$/.exec(need)?.[1] ?? []),
    ]),
  );
}

/** All gates of kube-apiserver in a release. */
export function importFeatureGates(sources: Sources): FeatureGateTable {
  const { otherPrograms } = JSON.parse(readFileSync(OVERRIDES, 'utf8')) as {
    otherPrograms: { gates: Readonly<Record<string, string>> };
  };
  const specs = new Map([
    ...listed(sources),
    ...inCode(sources.text('client-go', 'features/known_features.go') ?? ''),
  ]);
  const needs = needsOf(sources.text('kubernetes', 'pkg/features/kube_features.go') ?? '');
  const gates = [...specs].flatMap(([name, list]): [string, FeatureGate][] => {
    const spec = current(list, sources.minor);
    if (spec === undefined || Object.hasOwn(otherPrograms.gates, name)) return [];
    const needed = needs.get(name) ?? [];
    const gate = {
      // An empty stage means GA.
      stage: (spec.preRelease || 'GA') as FeatureGate['stage'],
      ...(spec.default && { enabled: true }),
      ...(spec.lockToDefault && { locked: true }),
      ...(needed.length > 0 && { needs: needed }),
    };
    return [[name, gate]];
  });
  return Object.fromEntries(gates.sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** A release's gates, and those of the next release that are implemented already. */
export function withGatesAhead(gates: FeatureGateTable): FeatureGateTable {
  const { ahead } = JSON.parse(readFileSync(OVERRIDES, 'utf8')) as { ahead: { gates: FeatureGateTable } };
  return Object.fromEntries(
    Object.entries({ ...ahead.gates, ...gates }).sort(([a], [b]) => (a < b ? -1 : 1)),
  );
}

/** Reports new, changed and removed gates. */
export function compareFeatureGates(upstream: FeatureGateTable, own: FeatureGateTable, report: Report): void {
  for (const [name, gate] of Object.entries(upstream)) {
    if (!Object.hasOwn(own, name)) report.add('feature gates: new', `${name} ${JSON.stringify(gate)}`);
    else if (!isDeepStrictEqual(gate, own[name])) {
      report.add('feature gates: changed', `${name} ${JSON.stringify(own[name])} -> ${JSON.stringify(gate)}`);
    }
  }
  for (const name of Object.keys(own)) {
    if (!Object.hasOwn(upstream, name)) report.add('feature gates: gone', name);
  }
}

/** The text of `feature-gates.json`: one gate per line. */
export function formatFeatureGates(gates: FeatureGateTable): string {
  const lines = Object.entries(gates).map(([name, gate]) => {
    const text = Object.entries(gate).map(([key, value]) =>
      Array.isArray(value)
        ? `"${key}": [${value.map((one) => `"${one}"`).join(', ')}]`
        : `"${key}": ${JSON.stringify(value)}`,
    );
    return `"${name}": {${text.join(', ')}}`;
  });
  return `{\n${lines.join(',\n')}\n}\n`;
}
