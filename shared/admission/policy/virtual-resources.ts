import { formatGroupResource } from '../../runtime/group-version.ts';
import type { AdmissionAttributes } from '../admission.ts';
import { isAdmissionConfiguration } from '../attributes.ts';

/** Questions of access: a policy that refused them would lock everybody out. */
const REVIEWS = new Set([
  'tokenreviews.authentication.k8s.io',
  'selfsubjectreviews.authentication.k8s.io',
  'localsubjectaccessreviews.authorization.k8s.io',
  'selfsubjectaccessreviews.authorization.k8s.io',
  'selfsubjectrulesreviews.authorization.k8s.io',
  'subjectaccessreviews.authorization.k8s.io',
]);

/** Whether policies don't see such requests. */
export function isExemptFromPolicies(attributes: AdmissionAttributes): boolean {
  return isAdmissionConfiguration(attributes) || REVIEWS.has(formatGroupResource(attributes.resource));
}
