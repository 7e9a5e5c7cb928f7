import type { PersistentVolume } from '../../../apis/core/v1/types.ts';
import { dropping, type GatedPaths } from '../../../apis/gated-paths.ts';
import { formatTime } from '../../../meta/time.ts';
import { nameIsDNSSubdomain } from '../../../meta/validation/names.ts';
import type { RESTStrategy } from '../../../rest/strategy.ts';
import { once } from '../../../util/once.ts';
import { resetFields } from '../../generic/strategy-parts.ts';

const loadRules = once(() => import('../../../apis/core/validation/persistent-volumes.ts'));
const loadWarnings = once(() => import('../../../apis/core/warnings/persistent-volumes.ts'));

const GATED: GatedPaths = { VolumeAttributesClass: ['spec.volumeAttributesClassName'] };

export const persistentVolumeStrategy: RESTStrategy<PersistentVolume> = {
  kind: { group: '', kind: 'PersistentVolume' },
  namespaced: false,
  validateName: nameIsDNSSubdomain,
  resetFields: resetFields(['v1'], 'status'),
  dropDisabledFields: dropping(GATED),
  prepareForCreate(_context, object) {
    object.status = { phase: 'Pending', lastPhaseTransitionTime: formatTime(Date.now()) };
  },
  validate: async (_context, object) => (await loadRules()).validatePersistentVolume(object),
  warningsOnCreate: async (_context, object) => (await loadWarnings()).warningsForPersistentVolume(object),
  prepareForUpdate(_context, object, old) {
    object.status = old.status;
  },
  validateUpdate: async (context, object, old) =>
    (await loadRules()).validatePersistentVolumeUpdate(context, object, old),
  warningsOnUpdate: async (_context, object) => (await loadWarnings()).warningsForPersistentVolume(object),
};

export const persistentVolumeStatusStrategy: RESTStrategy<PersistentVolume> = {
  ...persistentVolumeStrategy,
  resetFields: resetFields(['v1'], 'spec'),
  prepareForUpdate(_context, object, old) {
    object.spec = old.spec;
    keepTransitionTime(object, old);
  },
  validateUpdate: () => [],
  warningsOnUpdate: () => [],
};

/** Clients that don't know the phase's transition time must neither drop it nor keep an outdated one. */
function keepTransitionTime(object: PersistentVolume, { status: before }: PersistentVolume): void {
  const { status } = object;
  if (!status) return;
  const time = status.lastPhaseTransitionTime;
  const previous = before?.lastPhaseTransitionTime;
  if (status.phase === before?.phase) {
    if (!time && previous) status.lastPhaseTransitionTime = previous;
  } else if (!time || time === previous) {
    status.lastPhaseTransitionTime = formatTime(Date.now());
  }
}
