/** The part of a definition that is kept in memory for all definitions, used or not: everything but the schemas. */

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
  /** The requested kind, which may differ from the accepted one. */
  readonly kind: string;
  readonly acceptedNames: CustomResourceDefinitionNames;
  readonly namesAccepted: boolean;
  readonly established: boolean;
  readonly terminating: boolean;
  readonly generation: number;
  /** Changes whenever the definition has to be recompiled. */
  readonly revision: string;
}

/** Requires a stored definition, with its resourceVersion. */
export function summaryOf(definition: Definition): DefinitionSummary {
  const { metadata, spec, status } = definition;
  return withRevision({
    name: metadata.name ?? '',
    uid: metadata.uid ?? '',
    resourceVersion: Number(metadata.resourceVersion),
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
    acceptedNames: status.acceptedNames,
    namesAccepted: isConditionTrue(status, 'NamesAccepted'),
    established: isConditionTrue(status, 'Established'),
    terminating: isConditionTrue(status, 'Terminating'),
    generation: Number(metadata.generation ?? 0),
  });
}

function withRevision(summary: Omit<DefinitionSummary, 'revision'>): DefinitionSummary {
  const { uid, generation, acceptedNames } = summary;
  return { ...summary, revision: JSON.stringify([uid, generation, acceptedNames]) };
}

/**
 * The summary as text for `unpackSummary`, without its name. Compact, because many are read at once: lists in place of
 * objects, flags as bits.
 */
export function packSummary(summary: DefinitionSummary): string {
  const { uid, resourceVersion, generation, group, storageVersion, kind, acceptedNames, versions } = summary;
  const { namespaced, namesAccepted, established, terminating } = summary;
  const packed: PackedSummary = [
    group,
    kind,
    acceptedNames,
    storageVersion,
    versions.map(({ name, served, hasStatus, hasScale }) => [name, bits([served, hasStatus, hasScale])]),
    bits([namespaced, namesAccepted, established, terminating]),
    generation,
    resourceVersion,
    uid,
  ];
  return JSON.stringify(packed);
}

/** Unpacks the summary of definition `name`. */
export function unpackSummary(name: string, packed: string): DefinitionSummary {
  const [group, kind, acceptedNames, storageVersion, versions, state, generation, resourceVersion, uid] =
    JSON.parse(packed) as PackedSummary;
  return withRevision({
    ...{ name, group, kind, acceptedNames, storageVersion, generation, resourceVersion, uid },
    versions: versions.map(([version, serving]) => ({
      name: version,
      served: isSet(serving, 0),
      hasStatus: isSet(serving, 1),
      hasScale: isSet(serving, 2),
    })),
    namespaced: isSet(state, 0),
    namesAccepted: isSet(state, 1),
    established: isSet(state, 2),
    terminating: isSet(state, 3),
  });
}

type PackedSummary = [
  group: string,
  kind: string,
  acceptedNames: CustomResourceDefinitionNames,
  storageVersion: string,
  versions: [name: string, serving: number][],
  state: number,
  generation: number,
  resourceVersion: number,
  uid: string,
];

const bits = (flags: readonly boolean[]): number =>
  flags.reduce((sum, flag, at) => sum + (flag ? 1 << at : 0), 0);
const isSet = (flags: number, at: number): boolean => (flags & (1 << at)) !== 0;

/** Whether requests for a version are served at all. */
export function servesVersion(summary: DefinitionSummary, version: string): boolean {
  if (!summary.namesAccepted && !summary.established) return false;
  return summary.versions.some(({ name, served }) => name === version && served);
}
