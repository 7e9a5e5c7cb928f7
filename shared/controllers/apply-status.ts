import { isNotFound } from '../meta/status-error.ts';
import type { LoopbackClient } from '../rest/resource-access.ts';
import { formatGroupVersion, type GroupVersionResource } from '../runtime/group-version.ts';

/** What a controller says of an object that is in no namespace. */
export interface AppliedStatus {
  readonly kind: string;
  /** `resourceVersion`: a conflict if it is another by now. */
  readonly metadata: { readonly name: string; readonly resourceVersion?: string | undefined };
  readonly status: object;
}

/** Applies it as the manager `fieldManager`, whoever else had said it. What is gone needs none. */
export async function applyStatus(
  client: LoopbackClient,
  resource: GroupVersionResource,
  said: AppliedStatus,
  fieldManager: string,
): Promise<void> {
  const applied = { apiVersion: formatGroupVersion(resource), ...said };
  try {
    await client.patch(resource, applied, {
      name: said.metadata.name,
      subresource: 'status',
      patchType: 'application/apply-patch+yaml',
      fieldManager,
      force: true,
    });
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
}
