import { nodeSelectorWarnings } from '../../../apis/node/node-labels.ts';
import type { CSIStorageCapacity } from '../../../apis/storage/v1/types.ts';
import {
  validateCSIStorageCapacity,
  validateCSIStorageCapacityUpdate,
} from '../../../apis/storage/validation/csi-storage-capacity.ts';
import { FieldPath } from '../../../meta/field-path.ts';
import { nameIsDNSSubdomain } from '../../../meta/validation/names.ts';
import type { RESTStrategy } from '../../../rest/strategy.ts';

const NODE_TOPOLOGY = FieldPath.of('nodeTopology');

export const csiStorageCapacityStrategy: RESTStrategy<CSIStorageCapacity> = {
  kind: { group: 'storage.k8s.io', kind: 'CSIStorageCapacity' },
  namespaced: true,
  validateName: nameIsDNSSubdomain,
  allowUnconditionalUpdate: false,
  validate: (_context, capacity) => validateCSIStorageCapacity(capacity),
  warningsOnCreate: (_context, { nodeTopology }) => nodeSelectorWarnings(nodeTopology, NODE_TOPOLOGY),
  validateUpdate: (_context, capacity, old) => validateCSIStorageCapacityUpdate(capacity, old),
  warningsOnUpdate: (_context, { nodeTopology }) => nodeSelectorWarnings(nodeTopology, NODE_TOPOLOGY),
};
