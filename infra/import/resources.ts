/** Generates the table of resources from a release's served resources: `shared/apis/resources.json`. */

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
      // A new subresource of an old resource was introduced by this release.
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
  // Some alphas have no lifecycle markers.
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
 * Updates the table `own` to the release. Resources that the release no longer serves are kept for the minors that did,
 * marked as removed by it; resources introduced after the release are kept for later minors.
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

/** The text of `resources.json`: one resource per line. */
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
