/** The data source of a claim: an older and a newer field, which are kept equal unless both are set. */

import type { PersistentVolumeClaimSpec } from '../../../apis/core/v1/types.ts';
import type { RequestContext } from '../../../request/request-context.ts';

const isKnown = (group: string | undefined, kind: string): boolean =>
  (!group && kind === 'PersistentVolumeClaim') ||
  (group === 'snapshot.storage.k8s.io' && kind === 'VolumeSnapshot');

/**
 * Drops unsupported kinds from the older field, where they have always been ignored. Call before
 * `normalizeDataSources`.
 */
export function enforceDataSourceCompatibility(
  spec: PersistentVolumeClaimSpec,
  old: PersistentVolumeClaimSpec | undefined,
): void {
  const { dataSource, dataSourceRef } = spec;
  if (old?.dataSource || old?.dataSourceRef || dataSourceRef || !dataSource) return;
  if (!isKnown(dataSource.apiGroup, dataSource.kind)) delete spec.dataSource;
}

/** Drops sources in other namespaces, which are an alpha feature. */
export function dropForeignSource(
  { featureEnabled }: Pick<RequestContext, 'featureEnabled'>,
  spec: PersistentVolumeClaimSpec,
  old: PersistentVolumeClaimSpec | undefined,
): void {
  if (featureEnabled('CrossNamespaceVolumeDataSource')) return;
  if (spec.dataSourceRef?.namespace && !old?.dataSourceRef) delete spec.dataSourceRef;
}

export function normalizeDataSources(spec: PersistentVolumeClaimSpec): void {
  const { dataSource, dataSourceRef } = spec;
  if (dataSource && !dataSourceRef) spec.dataSourceRef = { ...dataSource };
  else if (dataSourceRef && !dataSource && !dataSourceRef.namespace) {
    const { namespace: _, ...source } = dataSourceRef;
    spec.dataSource = source;
  }
}
