import { formatGroupResource } from '../../runtime/group-version.ts';
import type { AdmissionAttributes } from '../admission.ts';
import { isAdmissionConfiguration } from '../attributes.ts';

/** Authentication and authorization reviews. A policy that denied them could lock out all users. */
export const VIRTUAL_RESOURCES: ReadonlySet<string> = new Set([
  'tokenreviews.authentication.k8s.io',
  'selfsubjectreviews.authentication.k8s.io',
  'localsubjectaccessreviews.authorization.k8s.io',
  'selfsubjectaccessreviews.authorization.k8s.io',
  'selfsubjectrulesreviews.authorization.k8s.io',
  'subjectaccessreviews.authorization.k8s.io',
]);

/** Feature gate that also hides them from webhooks. */
export const EXCLUDE_GATE = 'ExcludeAdmissionWebhookVirtualResources';

export const isVirtual = ({ resource }: Pick<AdmissionAttributes, 'resource'>): boolean =>
  VIRTUAL_RESOURCES.has(formatGroupResource(resource));

/** Whether policies in the API don't apply to such requests. */
export function isExemptFromPolicies(attributes: Pick<AdmissionAttributes, 'kind' | 'resource'>): boolean {
  return isAdmissionConfiguration(attributes) || isVirtual(attributes);
}
