import type { Namespace } from '../apis/core/v1/types.ts';
import type { ResourceAccess } from '../rest/resource-access.ts';
import { NAMESPACES } from './attributes.ts';

/**
 * Looks up a namespace. If the cache doesn't have it, reads the latest state, because it may have just been created.
 */
export async function findNamespace(resources: ResourceAccess, name: string): Promise<Namespace | undefined> {
  const lister = resources.lister<Namespace>(NAMESPACES);
  return (await lister.get('', name)) ?? (await lister.get('', name, 0));
}
