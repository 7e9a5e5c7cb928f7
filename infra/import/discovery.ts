/**
 * The resources that a release serves, from upstream's published documents
 * (https://github.com/kubernetes/kubernetes/tree/master/api/discovery): every group version, alphas included.
 */

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { type BuiltinResource, builtinResources } from '../../shared/apis/resource-table.ts';
import { compareVersions } from './compare-versions.ts';
import type { Sources } from './modules.ts';
import type { Report } from './report.ts';

/** One resource or subresource, as in discovery. */
export interface ServedResource {
  readonly kind: string;
  readonly singular: string;
  readonly namespaced: boolean;
  readonly verbs: readonly string[];
  readonly shortNames?: readonly string[];
  readonly categories?: readonly string[];
}

/** Group version -> resource, or `resource/subresource`. */
export type ServedResources = Readonly<Record<string, Readonly<Record<string, ServedResource>>>>;

interface APIResourceList {
  readonly kind: string;
  readonly groupVersion: string;
  readonly resources: readonly (Omit<ServedResource, 'singular'> & {
    readonly name: string;
    readonly singularName: string;
  })[];
}

const folderOf = (sources: Sources) => join(sources.folder('kubernetes'), 'api/discovery');

/** Whether upstream publishes the documents of a release: all of them since 1.28. */
export function isPublished(sources: Sources): boolean {
  return existsSync(join(folderOf(sources), 'api__v1.json'));
}

/** Discovery of upstream's server with all versions enabled. */
export function importDiscovery(sources: Sources): ServedResources {
  const folder = folderOf(sources);
  const lists = readdirSync(folder)
    .filter((file) => file.includes('__'))
    .map((file) => JSON.parse(readFileSync(join(folder, file), 'utf8')) as APIResourceList)
    .filter(({ kind }) => kind === 'APIResourceList');
  return Object.fromEntries(
    lists.map(({ groupVersion, resources }) => [
      groupVersion,
      Object.fromEntries(
        resources.map(({ name, kind, singularName, namespaced, verbs, shortNames, categories }) => [
          name,
          {
            kind,
            singular: singularName,
            namespaced,
            verbs,
            ...(shortNames && { shortNames }),
            ...(categories && { categories }),
          },
        ]),
      ),
    ]),
  );
}

/** The own table in the same form, for a release such as `1.36`: without resources removed by then. */
export function servedAt(minor: string): ServedResources {
  const isServed = ({ removed }: NonNullable<BuiltinResource['lifecycle']>) =>
    removed === undefined || compareVersions(removed, minor) > 0;
  const groups = [...builtinResources()].map(([groupVersion, { resources }]) => {
    const served = Object.entries(resources).filter(([, { lifecycle = {} }]) => isServed(lifecycle));
    const entries = served.flatMap(([name, resource]): [string, ServedResource][] => {
      const { kind, singular, namespaced, verbs, shortNames, categories, subresources = {} } = resource;
      const names = { ...(shortNames && { shortNames }), ...(categories && { categories }) };
      return [
        [name, { kind, singular, namespaced, verbs, ...names }],
        ...Object.entries(subresources).map(([sub, of]): [string, ServedResource] => [
          `${name}/${sub}`,
          { kind: of.kind, singular: '', namespaced, verbs: of.verbs },
        ]),
      ];
    });
    return [groupVersion, Object.fromEntries(entries)] as const;
  });
  return Object.fromEntries(groups.filter(([, resources]) => Object.keys(resources).length > 0));
}

/** Reports resources that the table lacks or has differently, and those that upstream no longer has. */
export function compareDiscovery(upstream: ServedResources, own: ServedResources, report: Report): void {
  const names = (of: ServedResources) =>
    Object.entries(of).flatMap(([version, resources]) =>
      Object.keys(resources).map((name) => [version, name]),
    );
  for (const [version, name] of names(upstream) as [string, string][]) {
    const [theirs, ours] = [upstream[version]![name]!, own[version]?.[name]];
    if (ours === undefined) report.add('resources: new', `${version} ${name} (${theirs.kind})`);
    else if (!isDeepStrictEqual(theirs, ours)) {
      report.add('resources: changed', `${version} ${name} ${JSON.stringify(theirs)}`);
    }
  }
  for (const [version, name] of names(own) as [string, string][]) {
    if (upstream[version]?.[name] === undefined) report.add('resources: gone', `${version} ${name}`);
  }
}
