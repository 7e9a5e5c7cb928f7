/** Groups objects of another cluster, in any order, by resource. */

import { builtinResources } from '../../../shared/apis/resource-table.ts';
import type { ForeignResource } from '../../../shared/backup/foreign-records.ts';
import type { Skipped } from '../../../shared/backup/reason-counts.ts';
import { formatGroupKind, gvkOf, parseGroupVersion } from '../../../shared/runtime/group-version.ts';
import type { RuntimeObject } from '../../../shared/runtime/scheme.ts';

interface Definition {
  readonly spec: {
    readonly group: string;
    readonly names: { readonly kind: string; readonly plural: string };
  };
}

interface Place {
  readonly group: string;
  readonly resource: string;
  readonly isCustom: boolean;
}

const DEFINITION = 'CustomResourceDefinition.apiextensions.k8s.io';

/** By kind and group; if releases had several names for a kind, the newest. */
function builtinPlaces(): Map<string, Place> {
  const places = new Map<string, Place>();
  for (const [groupVersion, { resources }] of builtinResources()) {
    const group = parseGroupVersion(groupVersion)?.group ?? '';
    for (const [resource, { kind, verbs }] of Object.entries(resources)) {
      if (verbs.includes('list')) places.set(`${kind}.${group}`, { group, resource, isCustom: false });
    }
  }
  return places;
}

const kindOf = (object: RuntimeObject): string => {
  const { group, kind } = gvkOf(object);
  return `${kind}.${group}`;
};

/** Definitions first. Objects whose kind is neither built in nor defined among them are skipped. */
export function* foreignResources(
  objects: readonly RuntimeObject[],
  resourceVersion: number,
  skipped: Skipped,
): Generator<ForeignResource> {
  const places = builtinPlaces();
  for (const object of objects) {
    if (kindOf(object) !== DEFINITION) continue;
    const { group, names } = (object as unknown as Definition).spec;
    places.set(`${names.kind}.${group}`, { group, resource: names.plural, isCustom: true });
  }
  const found = new Map<string, { place: Place; objects: RuntimeObject[] }>();
  for (const object of objects) {
    const place = places.get(kindOf(object));
    if (place === undefined) {
      skipped(formatGroupKind(gvkOf(object)), 1, 'no resource of this kind is known');
      continue;
    }
    const all = found.get(kindOf(object)) ?? { place, objects: [] };
    all.objects.push(object);
    found.set(kindOf(object), all);
  }
  const definitions = found.get(DEFINITION);
  found.delete(DEFINITION);
  for (const { place, objects } of [...(definitions ? [definitions] : []), ...found.values()]) {
    yield { ...place, resourceVersion, objects };
  }
}
