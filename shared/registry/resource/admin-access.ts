/** Administrative access to devices, regardless of their allocation, is restricted to labelled namespaces. */

import type { Namespace } from '../../apis/core/v1/types.ts';
import { type FieldError, forbidden, internalFieldError } from '../../meta/field-error.ts';
import type { FieldPath } from '../../meta/field-path.ts';
import type { RESTStorageConfig } from '../generic/rest-storage-provider.ts';

const LABEL = 'resource.kubernetes.io/admin-access';
const NAMESPACES = { group: '', resource: 'namespaces' };

/** `path` is that of the first field that requests it; undefined if none does. */
export async function validateAdminAccess(
  path: FieldPath | undefined,
  namespace: string,
  { resources }: Pick<RESTStorageConfig, 'resources'>,
): Promise<FieldError[]> {
  if (path === undefined) return [];
  const found = await resources.lister<Namespace>(NAMESPACES).get('', namespace);
  if (found === undefined) {
    const why = `namespaces "${namespace}" not found`;
    return [internalFieldError(path, `could not retrieve namespace to verify admin access: ${why}`)];
  }
  if (found.metadata.labels?.[LABEL] === 'true') return [];
  const detail = `admin access to devices requires the \`${LABEL}: true\` label on the containing namespace`;
  return [forbidden(path, detail)];
}
