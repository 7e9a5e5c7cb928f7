/** CustomResourceDefinitions in their hub form, with common accessors. */

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
 * The form of v1. Fields that a v1beta1 object sets for all versions are copied to each version. If a version has a
 * different value as well, they stay here and validation rejects them.
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

/** The versions as a list, which may be null in a decoded object. */
export function versionsOf({ versions }: DefinitionSpec): readonly CustomResourceDefinitionVersion[] {
  return versions ?? [];
}

export function versionOf(spec: DefinitionSpec, name: string): CustomResourceDefinitionVersion | undefined {
  return versionsOf(spec).find((version) => version.name === name);
}

export function storageVersionOf(spec: DefinitionSpec): string | undefined {
  return versionsOf(spec).find(({ storage }) => storage)?.name;
}

/** Whether a group belongs to the Kubernetes community, whose definitions require an approval. */
export function isProtectedCommunityGroup(group: string): boolean {
  return ['k8s.io', 'kubernetes.io'].some((domain) => group === domain || group.endsWith(`.${domain}`));
}
