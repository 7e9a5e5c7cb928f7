/** CustomResourceDefinitions in their hub form, and what is asked of them everywhere. */

import type {
  CustomResourceColumnDefinition,
  CustomResourceDefinitionSpec,
  CustomResourceDefinitionVersion,
  CustomResourceSubresources,
  CustomResourceValidation,
  CustomResourceDefinition as DefinitionV1,
  SelectableField,
} from './v1/types.ts';

export const CLEANUP_FINALIZER = 'customresourcecleanup.apiextensions.k8s.io';
export const API_APPROVED_ANNOTATION = 'api-approved.kubernetes.io';

/**
 * The form of v1. What a v1beta1 object says for all its versions is put into each of them; where a version says
 * something else, too, it stays here, for validation to refuse.
 */
export interface DefinitionSpec extends CustomResourceDefinitionSpec {
  version?: string | undefined;
  validation?: CustomResourceValidation | undefined;
  subresources?: CustomResourceSubresources | undefined;
  additionalPrinterColumns?: CustomResourceColumnDefinition[] | undefined;
  selectableFields?: SelectableField[] | undefined;
}

export interface Definition extends DefinitionV1 {
  spec: DefinitionSpec;
}

/** Versions as a list, though a decoded object may hold null. */
export function versionsOf({ versions }: DefinitionSpec): readonly CustomResourceDefinitionVersion[] {
  return versions ?? [];
}

export function versionOf(spec: DefinitionSpec, name: string): CustomResourceDefinitionVersion | undefined {
  return versionsOf(spec).find((version) => version.name === name);
}

export function storageVersionOf(spec: DefinitionSpec): string | undefined {
  return versionsOf(spec).find(({ storage }) => storage)?.name;
}

/** Whether a group is the Kubernetes community's, whose definitions need an approval. */
export function isProtectedCommunityGroup(group: string): boolean {
  return ['k8s.io', 'kubernetes.io'].some((domain) => group === domain || group.endsWith(`.${domain}`));
}
