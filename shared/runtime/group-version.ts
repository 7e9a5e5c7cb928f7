/** Names of API groups, versions, kinds and resources (apimachinery `runtime/schema`). */

/** The version of a group's in-memory hub form, which is never encoded. */
export const INTERNAL_VERSION = '__internal';

export interface GroupVersion {
  readonly group: string;
  readonly version: string;
}

export interface GroupKind {
  readonly group: string;
  readonly kind: string;
}

export interface GroupResource {
  readonly group: string;
  readonly resource: string;
}

export interface GroupVersionKind extends GroupVersion {
  readonly kind: string;
}

export interface GroupVersionResource extends GroupVersion {
  readonly resource: string;
}

/** Parses `apps/v1`, or `v1` for the core group. Undefined for more than one slash. */
export function parseGroupVersion(apiVersion: string): GroupVersion | undefined {
  const parts = apiVersion.split('/');
  if (parts.length === 1) return { group: '', version: parts[0]! };
  if (parts.length === 2) return { group: parts[0]!, version: parts[1]! };
  return undefined;
}

/** The `apiVersion` of a group version. */
export function formatGroupVersion({ group, version }: GroupVersion): string {
  return group === '' ? version : `${group}/${version}`;
}

/** Go's `GroupVersionKind.String()`: `apps/v1, Kind=Deployment`. */
export function formatGroupVersionKind(gvk: GroupVersionKind): string {
  return `${gvk.group}/${gvk.version}, Kind=${gvk.kind}`;
}

/** `deployments.apps`, or `pods` for the core group. */
export function formatGroupResource({ group, resource }: GroupResource): string {
  return group === '' ? resource : `${resource}.${group}`;
}

/** `Deployment.apps`, or `Pod` for the core group. */
export function formatGroupKind({ group, kind }: GroupKind): string {
  return group === '' ? kind : `${kind}.${group}`;
}

export function gvkOf(object: {
  apiVersion?: string | undefined;
  kind?: string | undefined;
}): GroupVersionKind {
  const gv = parseGroupVersion(object.apiVersion ?? '') ?? { group: '', version: '' };
  return { ...gv, kind: object.kind ?? '' };
}
