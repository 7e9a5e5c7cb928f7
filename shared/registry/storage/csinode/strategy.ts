/** https://github.com/kubernetes/kubernetes/blob/master/pkg/registry/storage/csinode/strategy.go */

import { dropping, type GatedPaths } from '../../../apis/gated-paths.ts';
import type { CSINode } from '../../../apis/storage/v1/types.ts';
import { nameIsDNSSubdomain } from '../../../meta/validation/names.ts';
import type { RESTStrategy } from '../../../rest/strategy.ts';
import { once } from '../../../util/once.ts';
import { resetFields, resetObjectMetaForStatus } from '../../generic/strategy-parts.ts';

const loadRules = once(() => import('../../../apis/storage/validation/csi-node.ts'));
const loadCsiNodeStatus = once(() => import('../../../apis/storage/validation/csi-node-status.ts'));

const API_VERSIONS = ['storage.k8s.io/v1'];
const GATED: GatedPaths = { CSIVolumeHealth: ['status.storageHealth'] };

export const csiNodeStrategy: RESTStrategy<CSINode> = {
  kind: { group: 'storage.k8s.io', kind: 'CSINode' },
  namespaced: false,
  validateName: nameIsDNSSubdomain,
  allowUnconditionalUpdate: false,
  resetFields: resetFields(API_VERSIONS, 'status'),
  prepareForCreate(_context, object) {
    object.status = {};
  },
  validate: async (_context, node) => (await loadRules()).validateCSINode(node),
  prepareForUpdate(_context, object, old) {
    object.status = old.status ?? {};
  },
  validateUpdate: async (_context, node, old) => (await loadRules()).validateCSINodeUpdate(node, old),
};

export const csiNodeStatusStrategy: RESTStrategy<CSINode> = {
  ...csiNodeStrategy,
  resetFields: resetFields(API_VERSIONS, 'metadata', 'spec'),
  dropDisabledFields: dropping(GATED),
  prepareForUpdate(_context, object, old) {
    object.spec = old.spec;
    resetObjectMetaForStatus(object.metadata, old.metadata);
  },
  validateUpdate: async (_context, node) => (await loadCsiNodeStatus()).validateCSINodeStatusUpdate(node),
};
