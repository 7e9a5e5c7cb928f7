/** Common predicates on attributes. */

import type { GroupKind, GroupResource } from '../runtime/group-version.ts';
import type { AdmissionAttributes, AdmissionOperation, PrefetchAttributes } from './admission.ts';

export function isResource(
  { resource }: Pick<AdmissionAttributes, 'resource'>,
  group: string,
  name: string,
): boolean {
  return resource.resource === name && resource.group === group;
}

export function isKind({ kind }: Pick<AdmissionAttributes, 'kind'>, expected: GroupKind): boolean {
  return kind.kind === expected.kind && kind.group === expected.group;
}

/** Whether the request is for the resource itself rather than a subresource. */
export function isWhole(attributes: PrefetchAttributes, group: string, name: string): boolean {
  return attributes.subresource === '' && isResource(attributes, group, name);
}

/** Whether the request is for a pod rather than one of its subresources. */
export function isPod(attributes: PrefetchAttributes): boolean {
  return isWhole(attributes, '', 'pods');
}

/** Builds a plugin's `handles`. */
export function operations(...handled: AdmissionOperation[]): (operation: AdmissionOperation) => boolean {
  return (operation) => handled.includes(operation);
}

export const PODS: GroupResource = { group: '', resource: 'pods' };
export const NAMESPACES: GroupResource = { group: '', resource: 'namespaces' };
export const NAMESPACE_KIND: GroupKind = { group: '', kind: 'Namespace' };

const ADMISSION_CONFIGURATION = new Set([
  'ValidatingWebhookConfiguration',
  'MutatingWebhookConfiguration',
  'ValidatingAdmissionPolicy',
  'ValidatingAdmissionPolicyBinding',
  'MutatingAdmissionPolicy',
  'MutatingAdmissionPolicyBinding',
]);

/**
 * Whether the object configures admission. Webhooks and policies don't apply to such objects, so that a mistake can
 * always be corrected.
 */
export function isAdmissionConfiguration({ kind }: Pick<AdmissionAttributes, 'kind'>): boolean {
  return kind.group === 'admissionregistration.k8s.io' && ADMISSION_CONFIGURATION.has(kind.kind);
}
