import type { CSINode } from '../../../apis/storage/v1/types.ts';
import { validateCSINode, validateCSINodeUpdate } from '../../../apis/storage/validation/csi-node.ts';
import { nameIsDNSSubdomain } from '../../../meta/validation/names.ts';
import type { RESTStrategy } from '../../../rest/strategy.ts';

export const csiNodeStrategy: RESTStrategy<CSINode> = {
  kind: { group: 'storage.k8s.io', kind: 'CSINode' },
  namespaced: false,
  validateName: nameIsDNSSubdomain,
  allowUnconditionalUpdate: false,
  validate: (_context, node) => validateCSINode(node),
  validateUpdate: (_context, node, old) => validateCSINodeUpdate(node, old),
};
