import type { Node } from '../../../apis/core/v1/types.ts';
import { validateNode, validateNodeUpdate } from '../../../apis/core/validation/nodes.ts';
import { warningsForNode } from '../../../apis/core/warnings/nodes.ts';
import { dropGatedPaths, type GatedPaths } from '../../../apis/gated-paths.ts';
import { nameIsDNSSubdomain } from '../../../meta/validation/names.ts';
import type { RESTStrategy } from '../../../rest/strategy.ts';
import { resetFields } from '../../generic/strategy-parts.ts';

const GATED_SPEC: GatedPaths = {
  InPlacePodVerticalScalingSchedulerPreemption: ['spec.podPreemptionPolicy'],
};
const GATED_STATUS: GatedPaths = { KubeletInUserNamespace: ['status.nodeInfo.runningInUserNamespace'] };

/** A kubelet registers its node with its status. */
export const nodeStrategy: RESTStrategy<Node> = {
  kind: { group: '', kind: 'Node' },
  namespaced: false,
  validateName: nameIsDNSSubdomain,
  resetFields: resetFields(['v1'], 'status'),
  prepareForCreate(context, object) {
    const { spec, status } = object;
    dropGatedPaths(context, GATED_SPEC, object, undefined);
    delete spec?.configSource;
    delete status?.config;
  },
  validate: (_context, object) => validateNode(object),
  warningsOnCreate: (_context, object) => warningsForNode(object),
  prepareForUpdate(context, object, old) {
    object.status = old.status;
    dropGatedPaths(context, GATED_SPEC, object, old);
    if (!old.spec?.configSource) delete object.spec?.configSource;
  },
  validateUpdate: (_context, object, old) => [...validateNode(object), ...validateNodeUpdate(object, old)],
  warningsOnUpdate: (_context, object) => warningsForNode(object),
};

export const nodeStatusStrategy: RESTStrategy<Node> = {
  ...nodeStrategy,
  resetFields: resetFields(['v1'], 'spec'),
  prepareForUpdate(context, object, old) {
    object.spec = old.spec;
    dropGatedPaths(context, GATED_STATUS, object, old);
    if (!old.status?.config) delete object.status?.config;
  },
  validateUpdate: (_context, object, old) => validateNodeUpdate(object, old),
  warningsOnUpdate: () => [],
};
