import { formatGroupResource } from '../../runtime/group-version.ts';
import type { AdmissionAttributes } from '../admission.ts';
import { isAdmissionConfiguration } from '../attributes.ts';

/** Questions of access: a policy that refused them would lock everybody out. */
export const VIRTUAL_RESOURCES: ReadonlySet<string> = new Set([
  'tokenreviews.authentication.k8s.io',
  'selfsubjectreviews.authentication.k8s.io',
  'localsubjectaccessreviews.authorization.k8s.io',
  'selfsubjectaccessreviews.authorization.k8s.io',
  'selfsubjectrulesreviews.authorization.k8s.io',
  'subjectaccessreviews.authorization.k8s.io',
]);

/** With it webhooks don't see them either. */
export const EXCLUDE_GATE = 'ExcludeAdmissionWebhookVirtualResources';

export const isVirtual = ({ resource }: Pick<AdmissionAttributes, 'resource'>): boolean =>
  VIRTUAL_RESOURCES.has(formatGroupResource(resource));

/** Whether policies of the API don't see such requests. */
export function isExemptFromPolicies(attributes: Pick<AdmissionAttributes, 'kind' | 'resource'>): boolean {
  return isAdmissionConfiguration(attributes) || isVirtual(attributes);
}
