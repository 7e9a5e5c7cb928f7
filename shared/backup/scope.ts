/** A part of a control plane. */

import { formatGroupResource } from '../runtime/group-version.ts';
import type { StoredResource } from './stored-resources.ts';

/** Nothing given: all of it. */
export interface Scope {
  /** Resources by name: `deployments.apps`. */
  readonly resources?: readonly string[] | undefined;
  /** Objects of these namespaces, and the namespaces themselves. */
  readonly namespaces?: readonly string[] | undefined;
}

const NAMESPACES = '/registry/core/namespaces';

export const hasResource = ({ resources }: Scope, resource: StoredResource): boolean =>
  resources === undefined || resources.includes(formatGroupResource(resource));

/** Of a resource that it has. `key`: within the resource. */
export function hasObject({ namespaces }: Scope, { prefix }: StoredResource, key: string): boolean {
  if (namespaces === undefined) return true;
  const slash = key.indexOf('/');
  if (slash < 0) return prefix === NAMESPACES && namespaces.includes(key);
  return namespaces.includes(key.slice(0, slash));
}
