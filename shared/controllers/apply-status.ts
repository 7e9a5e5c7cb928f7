import { isNotFound } from '../meta/status-error.ts';
import type { LoopbackClient } from '../rest/resource-access.ts';
import { formatGroupVersion, type GroupVersionResource } from '../runtime/group-version.ts';

/** A status that a controller applies to a cluster-scoped object. */
export interface AppliedStatus {
  readonly kind: string;
  /** `resourceVersion`: a conflict if the object's is different. */
  readonly metadata: { readonly name: string; readonly resourceVersion?: string | undefined };
  readonly status: object;
}

/** Applies the status as the manager `fieldManager`, overriding other managers. Does nothing if the object is gone. */
export async function applyStatus(
  client: LoopbackClient,
  resource: GroupVersionResource,
  status: AppliedStatus,
  fieldManager: string,
): Promise<void> {
  const applied = { apiVersion: formatGroupVersion(resource), ...status };
  try {
    await client.patch(resource, applied, {
      name: status.metadata.name,
      subresource: 'status',
      patchType: 'application/apply-patch+yaml',
      fieldManager,
      force: true,
    });
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
}
