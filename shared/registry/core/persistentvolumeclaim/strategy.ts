import type { PersistentVolumeClaim } from '../../../apis/core/v1/types.ts';
import {
  validatePersistentVolumeClaim,
  validatePersistentVolumeClaimStatusUpdate,
  validatePersistentVolumeClaimUpdate,
} from '../../../apis/core/validation/persistent-volume-claims.ts';
import { warningsForPersistentVolumeClaim } from '../../../apis/core/warnings/persistent-volume-claims.ts';
import { dropGatedPaths } from '../../../apis/gated-paths.ts';
import { nameIsDNSSubdomain } from '../../../meta/validation/names.ts';
import type { RESTStrategy } from '../../../rest/strategy.ts';
import { resetFields } from '../../generic/strategy-parts.ts';
import { enforceDataSourceCompatibility, normalizeDataSources } from './data-sources.ts';

const GATED_STATUS = { CSIVolumeHealth: ['status.healthStatus'] };

export const persistentVolumeClaimStrategy: RESTStrategy<PersistentVolumeClaim> = {
  kind: { group: '', kind: 'PersistentVolumeClaim' },
  namespaced: true,
  validateName: nameIsDNSSubdomain,
  resetFields: resetFields(['v1'], 'status'),
  prepareForCreate(_context, object) {
    object.status = { phase: 'Pending' };
    enforceDataSourceCompatibility(object.spec, undefined);
    normalizeDataSources(object.spec);
  },
  validate: (_context, object) => validatePersistentVolumeClaim(object),
  warningsOnCreate: (_context, object) => warningsForPersistentVolumeClaim(object),
  prepareForUpdate(_context, object, old) {
    object.status = old.status;
    enforceDataSourceCompatibility(object.spec, old.spec);
    normalizeDataSources(object.spec);
  },
  validateUpdate: (_context, object, old) => validatePersistentVolumeClaimUpdate(object, old),
  warningsOnUpdate: (_context, object) => warningsForPersistentVolumeClaim(object),
};

export const persistentVolumeClaimStatusStrategy: RESTStrategy<PersistentVolumeClaim> = {
  ...persistentVolumeClaimStrategy,
  resetFields: resetFields(['v1'], 'spec'),
  prepareForUpdate(context, object, old) {
    object.spec = old.spec;
    dropGatedPaths(context, GATED_STATUS, object, old);
  },
  validateUpdate: (_context, object) => validatePersistentVolumeClaimStatusUpdate(object),
  warningsOnUpdate: () => [],
};
