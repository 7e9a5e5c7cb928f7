/** Unaggregated discovery: `/api`, `/apis/<group>`, `/apis/<group>/<version>`. */

import { createHash } from 'node:crypto';
import type { ApiResponse } from '../../request/api-request.ts';
import { formatGroupVersion, type GroupVersion, type GroupVersionKind } from '../../runtime/group-version.ts';
import type { RuntimeObject } from '../../runtime/scheme.ts';
import { writeMetaObject } from '../codec/response.ts';
import { newMethodNotAllowed, newUnknownResource } from '../codec/statuses.ts';
import type { RequestScope } from '../resource/request-scope.ts';
import type { APIGroups } from '../routing/api-groups.ts';
import { checkProduced } from '../routing/route-media-types.ts';
import type { ServingContext } from '../routing/serving-context.ts';

/** `metav1.APIResource`. */
export interface APIResource {
  readonly name: string;
  readonly singularName: string;
  readonly namespaced: boolean;
  readonly group?: string | undefined;
  readonly version?: string | undefined;
  readonly kind: string;
  readonly verbs: readonly string[];
  readonly shortNames?: readonly string[] | undefined;
  readonly categories?: readonly string[] | undefined;
  readonly storageVersionHash?: string | undefined;
}

interface GroupVersionForDiscovery {
  readonly groupVersion: string;
  readonly version: string;
}

/** `metav1.APIGroup` without its kind, as an element of a list. */
interface APIGroup {
  readonly name: string;
  readonly versions: readonly GroupVersionForDiscovery[];
  readonly preferredVersion: GroupVersionForDiscovery;
}

/** A hash of eight bytes that changes with the version in which objects are stored. */
export function storageVersionHash({ group, version, kind }: GroupVersionKind): string {
  const digest = createHash('sha256').update(`${group}/${version}/${kind}`).digest();
  return digest.subarray(0, 8).toString('base64');
}

/** Adds storage version hashes if their feature gate is enabled. */
export const withHashes = (
  { featureEnabled }: ServingContext,
  resources: readonly APIResource[],
): readonly APIResource[] =>
  featureEnabled('StorageVersionHash')
    ? resources
    : resources.map(({ storageVersionHash: _, ...resource }) => resource);

const sameGroupVersion = (a: GroupVersion, b: GroupVersion): boolean =>
  a.group === b.group && a.version === b.version;

/** The resources and subresources of a version, sorted by name; undefined if it isn't served. */
export function apiResources(groups: APIGroups, gv: GroupVersion): readonly APIResource[] | undefined {
  const installed = groups.resources(gv);
  if (installed === undefined) return undefined;
  const table = groups.table.get(formatGroupVersion(gv))!.resources;
  return [...installed]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, { scope, storage }]) => {
      const facts = table[scope.resource.resource]!;
      if (scope.subresource !== '') {
        return subresourceEntry(name, scope, facts.subresources?.[scope.subresource]?.verbs ?? []);
      }
      return {
        name,
        singularName: facts.singular,
        namespaced: facts.namespaced,
        kind: facts.kind,
        verbs: facts.verbs,
        ...(facts.shortNames && { shortNames: facts.shortNames }),
        ...(facts.categories && { categories: facts.categories }),
        ...(storage.storageVersion && { storageVersionHash: storageVersionHash(storage.storageVersion) }),
      };
    });
}

function subresourceEntry(
  name: string,
  { kind, resource, namespaced }: RequestScope,
  verbs: readonly string[],
): APIResource {
  const own = sameGroupVersion(kind, resource) ? {} : { group: kind.group, version: kind.version };
  return { name, singularName: '', namespaced, ...own, kind: kind.kind, verbs };
}

/** The group with its versions; undefined if it isn't served. */
function apiGroup(groups: APIGroups, group: string): APIGroup | undefined {
  const versions = groups
    .versions(group)
    .map((version) => ({ groupVersion: formatGroupVersion({ group, version }), version }));
  if (versions.length === 0) return undefined;
  return { name: group, versions, preferredVersion: versions[0]! };
}

/** `/apis/apps`. Accepts every method, as upstream's plain handler does. */
export async function groupDiscovery(
  context: ServingContext,
  groups: APIGroups,
  group: string,
): Promise<ApiResponse> {
  const found = apiGroup(groups, group);
  if (found === undefined) throw newUnknownResource();
  return writeMetaObject(context, groups.codecs, { kind: 'APIGroup', apiVersion: 'v1', ...found });
}

/** `/apis/apps/v1`, `/api/v1` */
export async function versionDiscovery(
  context: ServingContext,
  groups: APIGroups,
  gv: GroupVersion,
): Promise<ApiResponse> {
  const resources = apiResources(groups, gv);
  if (resources === undefined) throw newUnknownResource();
  if (context.request.method !== 'GET') throw newMethodNotAllowed();
  checkProduced(context, groups.codecs.supportedMediaTypes());
  // Upstream omits apiVersion in the core group's list.
  const list = {
    kind: 'APIResourceList',
    ...(gv.group !== '' && { apiVersion: 'v1' }),
    groupVersion: formatGroupVersion(gv),
    resources: withHashes(context, resources),
  } as RuntimeObject;
  return writeMetaObject(context, groups.codecs, list);
}
