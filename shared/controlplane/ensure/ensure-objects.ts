import type { KubeObject } from '../../meta/kube-object.ts';
import { isAlreadyExists } from '../../meta/status-error.ts';
import type { ResourceAccess } from '../../rest/resource-access.ts';
import type { GroupVersionResource } from '../../runtime/group-version.ts';

/** Creates missing objects, and leaves existing ones unchanged. One read if all exist. */
export async function ensureObjects<T extends KubeObject>(
  resources: ResourceAccess,
  resource: GroupVersionResource,
  objects: readonly T[],
): Promise<void> {
  const { items } = await resources.lister<T>(resource).snapshot(0);
  const keyOf = ({ metadata }: T): string => `${metadata.namespace ?? ''}/${metadata.name}`;
  const present = new Set(items.map(keyOf));
  const missing = objects.filter((object) => !present.has(keyOf(object)));
  await Promise.all(
    missing.map(async (object) => {
      try {
        await resources.client.create(resource, object);
      } catch (error) {
        // Another server was faster.
        if (!isAlreadyExists(error)) throw error;
      }
    }),
  );
}
