/**
 * Defaults that depend on other fields
 * (https://github.com/kubernetes/apiextensions-apiserver/blob/master/pkg/apis/apiextensions/v1/defaults.go).
 */

import type { CustomResourceDefinition, CustomResourceDefinitionNames } from './types.ts';

export function setNamesDefaults(names: CustomResourceDefinitionNames): void {
  const kind = names.kind ?? '';
  if (!names.singular && kind !== '') names.singular = kind.toLowerCase();
  if (!names.listKind && kind !== '') names.listKind = `${kind}List`;
}

/** The storage version counts as stored from the start. */
export function setStoredVersionsDefault(definition: {
  spec: { versions?: { name: string; storage: boolean }[] | null | undefined };
  status: { storedVersions?: string[] | null | undefined };
}): void {
  const { spec, status } = definition;
  if ((status.storedVersions ?? []).length > 0) return;
  const stored = spec.versions?.find(({ storage }) => storage);
  if (stored !== undefined) status.storedVersions = [stored.name];
}

export function setDefaults(definition: CustomResourceDefinition): void {
  setNamesDefaults(definition.spec.names);
  definition.spec.conversion ??= { strategy: 'None' };
  setStoredVersionsDefault(definition);
}
