/** Derives the resources of an earlier release from the table of all resources. */

import { compareMinors, isPartOf } from './minor.ts';
import type { BuiltinGroupVersion, BuiltinResource, ResourceTable } from './resource-table.ts';

/** Betas introduced since this release are off by default (KEP-3136). */
export const BETAS_OFF = '1.24';

/** The resources of `minor` in `table`, in their form at the time. */
export function resourcesOf(table: ResourceTable, minor: string): ResourceTable {
  const versions = [...table].flatMap(([name, groupVersion]): [string, BuiltinGroupVersion][] => {
    const resources = Object.entries(groupVersion.resources).filter(([, { lifecycle = {} }]) =>
      isPartOf(lifecycle, minor),
    );
    if (resources.length === 0) return [];
    const entries = resources.map(([resource, entry]) => [resource, resourceOf(entry, minor)]);
    return [
      [name, { ...groupVersion, resources: Object.fromEntries(entries) as BuiltinGroupVersion['resources'] }],
    ];
  });
  return new Map(versions);
}

function resourceOf(resource: BuiltinResource, minor: string): BuiltinResource {
  const { subresources, laterVerbs = {}, verbs } = resource;
  const isThere = (verb: string) => compareMinors(laterVerbs[verb] ?? '1.0', minor) <= 0;
  const parts = Object.entries(subresources ?? {}).filter(([, { lifecycle = {} }]) =>
    isPartOf(lifecycle, minor),
  );
  return {
    ...resource,
    verbs: verbs.filter(isThere),
    ...(subresources && { subresources: Object.fromEntries(parts) }),
  };
}

/** Whether an earlier release served a resource by default. */
export function isOnByDefault(
  { stage }: BuiltinGroupVersion,
  { lifecycle = {}, default: isOn }: BuiltinResource,
): boolean {
  if (stage === 'beta') return isOn === true || compareMinors(lifecycle.introduced ?? '1.0', BETAS_OFF) < 0;
  return stage === 'GA';
}
