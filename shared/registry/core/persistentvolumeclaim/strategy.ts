import type { PersistentVolumeClaim } from '../../../apis/core/v1/types.ts';
import { dropping, type GatedPaths } from '../../../apis/gated-paths.ts';
import { nameIsDNSSubdomain } from '../../../meta/validation/names.ts';
import type { RESTStrategy } from '../../../rest/strategy.ts';
import { once } from '../../../util/once.ts';
import { resetFields } from '../../generic/strategy-parts.ts';
import { loadDeclaredRules } from '../declared-rules.ts';
import { dropForeignSource, enforceDataSourceCompatibility, normalizeDataSources } from './data-sources.ts';

const loadRules = once(() => import('../../../apis/core/validation/persistent-volume-claims.ts'));
const loadWarnings = once(() => import('../../../apis/core/warnings/persistent-volume-claims.ts'));

const GATED: GatedPaths = { VolumeAttributesClass: ['spec.volumeAttributesClassName'] };
const GATED_STATUS: GatedPaths = {
  CSIVolumeHealth: ['status.healthStatus'],
  RecoverVolumeExpansionFailure: [
    { drops: ['status.allocatedResources'], usedBy: ['status.allocatedResources{}'] },
    { drops: ['status.allocatedResourceStatuses'], usedBy: ['status.allocatedResourceStatuses{}'] },
  ],
  VolumeAttributesClass: [
    { drops: ['status.currentVolumeAttributesClassName'] },
    { drops: ['status.modifyVolumeStatus'] },
  ],
};
const dropGated = dropping(GATED);

export const persistentVolumeClaimStrategy: RESTStrategy<PersistentVolumeClaim> = {
  kind: { group: '', kind: 'PersistentVolumeClaim' },
  namespaced: true,
  validateName: nameIsDNSSubdomain,
  resetFields: resetFields(['v1'], 'status'),
  dropDisabledFields(context, object, old) {
    dropGated(context, object, old);
    dropForeignSource(context, object.spec, old?.spec);
  },
  prepareForCreate(_context, object) {
    object.status = { phase: 'Pending' };
    enforceDataSourceCompatibility(object.spec, undefined);
    normalizeDataSources(object.spec);
  },
  validate: async (_context, object) => (await loadRules()).validatePersistentVolumeClaim(object),
  warningsOnCreate: async (_context, object) =>
    (await loadWarnings()).warningsForPersistentVolumeClaim(object),
  prepareForUpdate(_context, object, old) {
    object.status = old.status;
    enforceDataSourceCompatibility(object.spec, old.spec);
    normalizeDataSources(object.spec);
  },
  validateUpdate: async (_context, object, old) =>
    (await loadRules()).validatePersistentVolumeClaimUpdate(object, old),
  warningsOnUpdate: async (_context, object) =>
    (await loadWarnings()).warningsForPersistentVolumeClaim(object),
};

export const persistentVolumeClaimStatusStrategy: RESTStrategy<PersistentVolumeClaim> = {
  ...persistentVolumeClaimStrategy,
  declared: { type: 'PersistentVolumeClaim', load: loadDeclaredRules },
  resetFields: resetFields(['v1'], 'spec'),
  dropDisabledFields: dropping(GATED_STATUS),
  prepareForUpdate(_context, object, old) {
    object.spec = old.spec;
  },
  validateUpdate: async (_context, object) =>
    (await loadRules()).validatePersistentVolumeClaimStatusUpdate(object),
  warningsOnUpdate: () => [],
};
