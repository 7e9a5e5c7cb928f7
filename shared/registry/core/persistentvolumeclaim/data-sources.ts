/** What a claim is filled from: the older field and the newer one, which say the same unless both are given. */

import type { PersistentVolumeClaimSpec } from '../../../apis/core/v1/types.ts';
import type { RequestContext } from '../../../request/request-context.ts';

const isKnown = (group: string | undefined, kind: string): boolean =>
  (!group && kind === 'PersistentVolumeClaim') ||
  (group === 'snapshot.storage.k8s.io' && kind === 'VolumeSnapshot');

/** Nonsense in the older field has always been ignored. Goes before `normalizeDataSources`. */
export function enforceDataSourceCompatibility(
  spec: PersistentVolumeClaimSpec,
  old: PersistentVolumeClaimSpec | undefined,
): void {
  const { dataSource, dataSourceRef } = spec;
  if (old?.dataSource || old?.dataSourceRef || dataSourceRef || !dataSource) return;
  if (!isKnown(dataSource.apiGroup, dataSource.kind)) delete spec.dataSource;
}

/** Sources in other namespaces are an alpha feature. */
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
