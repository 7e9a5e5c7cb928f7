import { nodeSelectorWarnings } from '../../../apis/node/node-labels.ts';
import type { CSIStorageCapacity } from '../../../apis/storage/v1/types.ts';
import { FieldPath } from '../../../meta/field-path.ts';
import { nameIsDNSSubdomain } from '../../../meta/validation/names.ts';
import type { RESTStrategy } from '../../../rest/strategy.ts';
import { once } from '../../../util/once.ts';

const loadRules = once(() => import('../../../apis/storage/validation/csi-storage-capacity.ts'));

const NODE_TOPOLOGY = FieldPath.of('nodeTopology');

export const csiStorageCapacityStrategy: RESTStrategy<CSIStorageCapacity> = {
  kind: { group: 'storage.k8s.io', kind: 'CSIStorageCapacity' },
  namespaced: true,
  validateName: nameIsDNSSubdomain,
  allowUnconditionalUpdate: false,
  validate: async (_context, capacity) => (await loadRules()).validateCSIStorageCapacity(capacity),
  warningsOnCreate: (_context, { nodeTopology }) => nodeSelectorWarnings(nodeTopology, NODE_TOPOLOGY),
  validateUpdate: async (_context, capacity, old) =>
    (await loadRules()).validateCSIStorageCapacityUpdate(capacity, old),
  warningsOnUpdate: (_context, { nodeTopology }) => nodeSelectorWarnings(nodeTopology, NODE_TOPOLOGY),
};
