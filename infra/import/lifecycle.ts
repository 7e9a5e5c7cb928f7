/**
 * Introduction, deprecation and removal of kinds, from `zz_generated.prerelease-lifecycle.go`, and the hand-written
 * `lifecycle.go`, in each version of k8s.io/api (https://github.com/kubernetes/api). GA kinds have neither: their
 * lifecycle in the table comes from the documents of old releases.
 */

import { readdirSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import { isPartOf } from '../../shared/apis/minor.ts';
import { type BuiltinResource, builtinResources } from '../../shared/apis/resource-table.ts';
import { parseGroupVersion } from '../../shared/runtime/group-version.ts';
import type { Sources } from './modules.ts';
import type { Report } from './report.ts';

export type KindLifecycle = NonNullable<BuiltinResource['lifecycle']>;
/** Group version -> kind -> lifecycle. */
export type Lifecycles = Readonly<Record<string, Readonly<Record<string, KindLifecycle>>>>;

const FILES = ['zz_generated.prerelease-lifecycle.go', 'lifecycle.go'];
const RELEASE =
  /func \(in \*(\w+)\) APILifecycle(Introduced|Deprecated|Removed)\(\)[^{]*\{\s*return (\d+), (\d+)/g;
const REPLACEMENT =
  /func \(in \*(\w+)\) APILifecycleReplacement\(\)[^{]*\{\s*return schema\.GroupVersionKind\{Group: "([^"]*)", Version: "([^"]*)", Kind: "([^"]*)"\}/g;

function lifecyclesIn(text: string): Record<string, KindLifecycle> {
  const kinds = new Map<string, Record<string, string>>();
  const of = (kind: string) => {
    const found = kinds.get(kind) ?? {};
    kinds.set(kind, found);
    return found;
  };
  for (const [, kind, event, major, minor] of text.matchAll(RELEASE)) {
    of(kind!)[event!.toLowerCase()] = `${major}.${minor}`;
  }
  for (const [, kind, group, version, name] of text.matchAll(REPLACEMENT)) {
    of(kind!)['replacement'] = `${group}/${version}/${name}`;
  }
  return Object.fromEntries([...kinds].filter(([kind]) => !kind.endsWith('List')));
}

/** The folder of a group in k8s.io/api. */
export function folderOf(group: string): string {
  return group === 'internal.apiserver.k8s.io' ? 'apiserverinternal' : group.split('.')[0] || 'core';
}

/** Lifecycles of the group versions that are served or in the tables, if the release's modules have them. */
export function importLifecycles(sources: Sources, served: readonly string[]): Lifecycles {
  const folders = new Set(readdirSync(sources.folder('api')));
  const versions = [...new Set([...builtinResources().keys(), ...served])];
  const found = versions.flatMap((groupVersion): [string, Lifecycles[string]][] => {
    const { group, version } = parseGroupVersion(groupVersion)!;
    const folder = folderOf(group);
    if (!folders.has(folder)) return [];
    const texts = FILES.flatMap((file) => sources.text('api', `${folder}/${version}/${file}`) ?? []);
    return texts.length === 0 ? [] : [[groupVersion, lifecyclesIn(texts.join('\n'))]];
  });
  return Object.fromEntries(found);
}

/** The table's lifecycles of the kinds in `of`. */
export function lifecyclesOfTable(of: Lifecycles): Lifecycles {
  const entries = Object.entries(of).map(([groupVersion, kinds]) => {
    const resources = Object.values(builtinResources().get(groupVersion)?.resources ?? {});
    const own = resources.filter(({ kind }) => Object.hasOwn(kinds, kind));
    return [groupVersion, Object.fromEntries(own.map(({ kind, lifecycle = {} }) => [kind, lifecycle]))];
  });
  return Object.fromEntries(entries) as Lifecycles;
}

/**
 * Reports differences from the table, for kinds that `minor` serves: removed ones keep the lifecycle of their last
 * release.
 */
export function compareLifecycles(
  upstream: Lifecycles,
  own: Lifecycles,
  minor: string,
  report: Report,
): void {
  for (const [groupVersion, kinds] of Object.entries(own)) {
    for (const [kind, lifecycle] of Object.entries(kinds)) {
      const theirs = upstream[groupVersion]![kind];
      if (!isPartOf(lifecycle, minor) || isDeepStrictEqual(theirs, lifecycle)) continue;
      report.add('lifecycles: changed', `${groupVersion} ${kind} ${JSON.stringify(theirs)}`);
    }
  }
}
