import type { Namespace } from '../../apis/core/v1/types.ts';
import { newNotFound } from '../../meta/status-error.ts';
import type { ResourceAccess } from '../../rest/resource-access.ts';
import type { AdmissionAttributes } from '../admission.ts';
import { isKind, NAMESPACE_KIND, NAMESPACES } from '../attributes.ts';
import { findNamespace } from '../namespaces.ts';

/** The namespace object for policies; undefined for a request for a namespace itself. Throws NotFound. */
export async function requestNamespace(
  attributes: AdmissionAttributes,
  resources: ResourceAccess,
): Promise<Namespace | undefined> {
  const { namespace } = attributes;
  if (namespace === '' || isKind(attributes, NAMESPACE_KIND)) return undefined;
  const found = await findNamespace(resources, namespace);
  if (found === undefined) throw newNotFound(NAMESPACES, namespace);
  return found;
}
