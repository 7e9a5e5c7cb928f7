/** The table of resources, out of what a release serves: `shared/apis/resources.json`. */

import { compareMinors } from '../../shared/apis/minor.ts';
import type {
  BuiltinGroupVersion,
  BuiltinResource,
  BuiltinSubresource,
} from '../../shared/apis/resource-table.ts';
import { parseGroupVersion } from '../../shared/runtime/group-version.ts';
import type { ServedResource, ServedResources } from './discovery.ts';
import type { KindLifecycle, Lifecycles } from './lifecycle.ts';

export type ResourceTable = Readonly<Record<string, BuiltinGroupVersion>>;

export function stageOf(version: string): BuiltinGroupVersion['stage'] {
  return version.includes('alpha') ? 'alpha' : version.includes('beta') ? 'beta' : 'GA';
}

export function subresourcesOf(
  name: string,
  served: Readonly<Record<string, ServedResource>>,
  own: BuiltinResource | undefined,
  minor: string,
): Record<string, BuiltinSubresource> {
  const entries = Object.entries(served).flatMap(
    ([path, { kind, verbs }]): [string, BuiltinSubresource][] => {
      const [parent, subresource] = path.split('/');
      if (parent !== name || subresource === undefined) return [];
      const known = own?.subresources?.[subresource];
      const { group, version, gate } = known ?? {};
      // What is new below an old resource came with this release.
      const isNew = own !== undefined && known === undefined;
      const lifecycle = isNew ? { introduced: minor } : known?.lifecycle;
      return [
        [
          subresource,
          {
            kind,
            verbs,
            ...(group && { group }),
            ...(version && { version }),
            ...(lifecycle && { lifecycle }),
            ...(gate && { gate }),
          },
        ],
      ];
    },
  );
  return Object.fromEntries(entries);
}

function resourceOf(
  name: string,
  served: Readonly<Record<string, ServedResource>>,
  own: BuiltinResource | undefined,
  lifecycle: KindLifecycle | undefined,
  minor: string,
): BuiltinResource {
  const subresources = subresourcesOf(name, served, own, minor);
  // Some alphas have no marks.
  const marks = lifecycle ?? own?.lifecycle ?? (own === undefined ? { introduced: minor } : undefined);
  return {
    ...served[name]!,
    ...(Object.keys(subresources).length > 0 && { subresources }),
    ...(marks && { lifecycle: marks }),
    ...(own?.laterVerbs && { laterVerbs: own.laterVerbs }),
    ...(own?.gate && { gate: own.gate }),
  };
}

/**
 * The table of `own` as the release has it. What the release serves no more stays for the minors that did, with the
 * release as the one that removed it; what came after the release stays for later ones.
 */
export function importResources(
  discovery: ServedResources,
  lifecycles: Lifecycles,
  own: ResourceTable,
  minor: string,
): ResourceTable {
  const names = [...new Set([...Object.keys(own), ...Object.keys(discovery)])].sort((a, b) =>
    a < b ? -1 : 1,
  );
  const entries = names.map((groupVersion): [string, BuiltinGroupVersion] => {
    const served = discovery[groupVersion] ?? {};
    const before = own[groupVersion];
    const stage = before?.stage ?? stageOf(parseGroupVersion(groupVersion)!.version);
    const kept = Object.entries(before?.resources ?? {}).filter(([name]) => served[name] === undefined);
    const gone = kept.map(([name, resource]): [string, BuiltinResource] => {
      const { lifecycle = {} } = resource;
      const { introduced = minor, removed } = lifecycle;
      const isSettled = removed !== undefined || compareMinors(introduced, minor) > 0;
      return [name, isSettled ? resource : { ...resource, lifecycle: { ...lifecycle, removed: minor } }];
    });
    const now = Object.keys(served)
      .filter((name) => !name.includes('/'))
      .map((name): [string, BuiltinResource] => {
        const lifecycle = lifecycles[groupVersion]?.[served[name]!.kind];
        return [name, resourceOf(name, served, before?.resources[name], lifecycle, minor)];
      });
    const resources = Object.fromEntries([...gone, ...now].sort(([a], [b]) => (a < b ? -1 : 1)));
    return [groupVersion, { stage, default: before?.default ?? stage === 'GA', resources }];
  });
  return Object.fromEntries(entries);
}

/** The text of `resources.json`: a resource a line. */
export function formatResources(table: ResourceTable): string {
  const versions = Object.entries(table).map(([name, { resources, ...rest }]) => {
    const lines = Object.entries(resources).map(
      ([resource, entry]) => `  ${JSON.stringify(resource)}: ${JSON.stringify(entry)}`,
    );
    const head = JSON.stringify(rest).slice(0, -1);
    return `${JSON.stringify(name)}: ${head},"resources":{\n${lines.join(',\n')}\n}}`;
  });
  return `{\n${versions.join(',\n')}\n}\n`;
}
