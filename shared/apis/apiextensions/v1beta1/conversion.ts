/**
 * v1beta1 can set fields for all versions that v1 sets in each version
 * (https://github.com/kubernetes/apiextensions-apiserver/blob/master/pkg/apis/apiextensions/v1/conversion.go).
 */

import { compact } from '../../../util/compact.ts';
import { equalJSON } from '../../../util/json-equal.ts';
import type { Definition, DefinitionSpec } from '../definition.ts';
import type * as v1 from '../v1/types.ts';
import type {
  CustomResourceColumnDefinition,
  CustomResourceConversion,
  CustomResourceDefinition,
  CustomResourceDefinitionSpec,
} from './types.ts';

type Version = v1.CustomResourceDefinitionVersion;

/** The name of a field for all versions, and of the same field in one version. */
const PER_VERSION = [
  ['validation', 'schema'],
  ['subresources', 'subresources'],
  ['additionalPrinterColumns', 'additionalPrinterColumns'],
  ['selectableFields', 'selectableFields'],
] as const;

const isSet = (value: unknown): boolean =>
  value !== undefined && value !== null && !(Array.isArray(value) && value.length === 0);

function columnToInternal({ JSONPath, ...column }: CustomResourceColumnDefinition) {
  return { ...column, jsonPath: JSONPath };
}

function columnFromInternal({ jsonPath, ...column }: v1.CustomResourceColumnDefinition) {
  return { ...column, JSONPath: jsonPath };
}

function conversionToInternal(conversion: CustomResourceConversion): v1.CustomResourceConversion {
  const { strategy, webhookClientConfig, conversionReviewVersions } = conversion;
  if (!webhookClientConfig && !conversionReviewVersions) return { strategy };
  return {
    strategy,
    webhook: compact({
      clientConfig: webhookClientConfig,
      conversionReviewVersions: conversionReviewVersions ?? null,
    }),
  };
}

function conversionFromInternal({
  strategy,
  webhook,
}: v1.CustomResourceConversion): CustomResourceConversion {
  return compact({
    strategy,
    webhookClientConfig: webhook?.clientConfig,
    conversionReviewVersions: webhook?.conversionReviewVersions ?? undefined,
  });
}

/** Defaulting adds the only version to the list; apply also converts objects from which it has removed the list. */
function listed(
  version: string | undefined,
  versions: CustomResourceDefinitionSpec['versions'],
): NonNullable<CustomResourceDefinitionSpec['versions']> {
  if (versions?.length || !version) return versions ?? [];
  return [{ name: version, served: true, storage: true }];
}

function specToInternal(spec: CustomResourceDefinitionSpec): DefinitionSpec {
  const { version, versions, conversion, preserveUnknownFields, ...rest } = spec;
  const { validation, subresources, additionalPrinterColumns, selectableFields, ...same } = rest;
  const forAll: Record<string, unknown> = {
    validation,
    subresources,
    additionalPrinterColumns: additionalPrinterColumns?.map(columnToInternal),
    selectableFields,
  };
  const each = listed(version, versions).map((one) =>
    compact({ ...one, additionalPrinterColumns: one.additionalPrinterColumns?.map(columnToInternal) }),
  ) as Version[];
  const contradicting: Record<string, unknown> = {};
  for (const [all, one] of PER_VERSION) {
    if (!isSet(forAll[all])) continue;
    if (each.some((item) => isSet(item[one]))) contradicting[all] = forAll[all];
    else for (const item of each) Object.assign(item, { [one]: forAll[all] });
  }
  return compact({
    ...same,
    versions: each,
    conversion: conversion && conversionToInternal(conversion),
    preserveUnknownFields: preserveUnknownFields || undefined,
    version: version !== each[0]?.name ? version : undefined,
    ...contradicting,
  });
}

function specFromInternal(spec: DefinitionSpec): CustomResourceDefinitionSpec {
  const { versions, conversion, preserveUnknownFields, ...same } = spec;
  const each = (versions ?? []).map((one) => ({ ...one }));
  const forAll: Record<string, unknown> = {};
  for (const [all, one] of PER_VERSION) {
    const value = each[0]?.[one];
    if (!isSet(value) || !each.every((item) => equalJSON(item[one], value))) continue;
    forAll[all] = value;
    for (const item of each) delete item[one];
  }
  const versionsOut = each.map((one) =>
    compact({ ...one, additionalPrinterColumns: one.additionalPrinterColumns?.map(columnFromInternal) }),
  );
  const columns = forAll['additionalPrinterColumns'] as v1.CustomResourceColumnDefinition[] | undefined;
  return compact({
    ...same,
    ...forAll,
    version: same.version ?? each[0]?.name,
    versions: versionsOut.length > 0 ? versionsOut : undefined,
    additionalPrinterColumns: columns?.map(columnFromInternal),
    conversion: conversion && conversionFromInternal(conversion),
    preserveUnknownFields: preserveUnknownFields ?? false,
  }) as CustomResourceDefinitionSpec;
}

export function definitionToInternal(definition: CustomResourceDefinition): Definition {
  return { ...definition, spec: specToInternal(definition.spec) };
}

export function definitionFromInternal(hub: Definition): CustomResourceDefinition {
  return { ...hub, spec: specFromInternal(hub.spec) } as CustomResourceDefinition;
}
