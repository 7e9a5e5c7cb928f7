import { dropping, type GatedPaths } from '../../../apis/gated-paths.ts';
import type { VolumeAttachment } from '../../../apis/storage/v1/types.ts';
import { nameIsDNSSubdomain } from '../../../meta/validation/names.ts';
import type { RESTStrategy } from '../../../rest/strategy.ts';
import { once } from '../../../util/once.ts';
import { resetFields, resetObjectMetaForStatus } from '../../generic/strategy-parts.ts';
import { loadDeclaredRules } from '../declared-rules.ts';

const loadRules = once(() => import('../../../apis/storage/validation/volume-attachment.ts'));

const GATED_STATUS: GatedPaths = {
  MutableCSINodeAllocatableCount: [
    { drops: ['status.attachError.errorCode'] },
    { drops: ['status.detachError.errorCode'] },
  ],
};
const API_VERSIONS = ['storage.k8s.io/v1'];

export const volumeAttachmentStrategy: RESTStrategy<VolumeAttachment> = {
  kind: { group: 'storage.k8s.io', kind: 'VolumeAttachment' },
  declared: { type: 'VolumeAttachment', load: loadDeclaredRules },
  namespaced: false,
  validateName: nameIsDNSSubdomain,
  allowUnconditionalUpdate: false,
  resetFields: resetFields(API_VERSIONS, 'status'),
  prepareForCreate(_context, object) {
    object.status = { attached: false };
  },
  validate: async (_context, attachment) => (await loadRules()).validateVolumeAttachment(attachment),
  prepareForUpdate(_context, object, old) {
    object.status = old.status;
  },
  validateUpdate: async (_context, attachment, old) =>
    (await loadRules()).validateVolumeAttachmentUpdate(attachment, old),
};

export const volumeAttachmentStatusStrategy: RESTStrategy<VolumeAttachment> = {
  ...volumeAttachmentStrategy,
  resetFields: resetFields(API_VERSIONS, 'metadata', 'spec'),
  dropDisabledFields: dropping(GATED_STATUS),
  prepareForUpdate(_context, object, old) {
    object.spec = old.spec;
    resetObjectMetaForStatus(object.metadata, old.metadata);
  },
};
