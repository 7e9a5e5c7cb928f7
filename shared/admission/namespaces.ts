import type { Namespace } from '../apis/core/v1/types.ts';
import type { ResourceAccess } from '../rest/resource-access.ts';
import { NAMESPACES } from './attributes.ts';

/** A namespace that isn't known yet is looked for once more, in the log itself: it may just have been made. */
export async function findNamespace(resources: ResourceAccess, name: string): Promise<Namespace | undefined> {
  const lister = resources.lister<Namespace>(NAMESPACES);
  return (await lister.get('', name)) ?? (await lister.get('', name, 0));
}
