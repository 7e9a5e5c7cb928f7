/** What is kept in memory of every definition, used or not: all but its schemas. */

import { isConditionTrue } from '../../apis/apiextensions/conditions.ts';
import { type Definition, storageVersionOf, versionsOf } from '../../apis/apiextensions/definition.ts';
import type { CustomResourceDefinitionNames } from '../../apis/apiextensions/v1/types.ts';

export interface VersionSummary {
  readonly name: string;
  readonly served: boolean;
  readonly hasStatus: boolean;
  readonly hasScale: boolean;
}

export interface DefinitionSummary {
  /** `plural.group` */
  readonly name: string;
  readonly uid: string;
  readonly resourceVersion: number;
  readonly group: string;
  readonly namespaced: boolean;
  readonly versions: readonly VersionSummary[];
  readonly storageVersion: string;
  /** The kind asked for, which may not be the one accepted. */
  readonly kind: string;
  readonly acceptedNames: CustomResourceDefinitionNames;
  readonly namesAccepted: boolean;
  readonly established: boolean;
  readonly terminating: boolean;
  /** Changes when what it serves has to be compiled anew. */
  readonly revision: string;
}

export function summarize(definition: Definition, resourceVersion: number): DefinitionSummary {
  const { metadata, spec, status } = definition;
  const { acceptedNames } = status;
  return {
    name: metadata.name ?? '',
    uid: metadata.uid ?? '',
    resourceVersion,
    group: spec.group,
    namespaced: spec.scope === 'Namespaced',
    versions: versionsOf(spec).map(({ name, served, subresources }) => ({
      name,
      served,
      hasStatus: Boolean(subresources?.status),
      hasScale: Boolean(subresources?.scale),
    })),
    storageVersion: storageVersionOf(spec) ?? '',
    kind: spec.names.kind,
    acceptedNames,
    namesAccepted: isConditionTrue(status, 'NamesAccepted'),
    established: isConditionTrue(status, 'Established'),
    terminating: isConditionTrue(status, 'Terminating'),
    revision: JSON.stringify([metadata.uid, metadata.generation, acceptedNames]),
  };
}

/** Whether requests for a version are answered at all. */
export function servesVersion(summary: DefinitionSummary, version: string): boolean {
  if (!summary.namesAccepted && !summary.established) return false;
  return summary.versions.some(({ name, served }) => name === version && served);
}
