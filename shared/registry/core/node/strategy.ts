import type { Node } from '../../../apis/core/v1/types.ts';
import { validateNode, validateNodeUpdate } from '../../../apis/core/validation/nodes.ts';
import { warningsForNode } from '../../../apis/core/warnings/nodes.ts';
import { dropping, type GatedPaths } from '../../../apis/gated-paths.ts';
import { nameIsDNSSubdomain } from '../../../meta/validation/names.ts';
import type { RESTStrategy } from '../../../rest/strategy.ts';
import { resetFields } from '../../generic/strategy-parts.ts';

const GATED: GatedPaths = {
  InPlacePodVerticalScalingSchedulerPreemption: ['spec.podPreemptionPolicy'],
  NodeDeclaredFeatures: ['status.declaredFeatures'],
  SupplementalGroupsPolicy: ['status.features'],
};
/** Whoever writes a status may say what a node's maker may not. */
const GATED_STATUS: GatedPaths = { KubeletInUserNamespace: ['status.nodeInfo.runningInUserNamespace'] };

const drop = dropping(GATED);

/** A kubelet registers its node with its status. */
export const nodeStrategy: RESTStrategy<Node> = {
  kind: { group: '', kind: 'Node' },
  namespaced: false,
  validateName: nameIsDNSSubdomain,
  resetFields: resetFields(['v1'], 'status'),
  dropDisabledFields(context, node, old) {
    drop(context, node, old);
    const { featureEnabled } = context;
    const knowsHandlers =
      featureEnabled('RecursiveReadOnlyMounts') || featureEnabled('UserNamespacesSupport');
    if (!knowsHandlers) delete node.status?.runtimeHandlers;
  },
  prepareForCreate(_context, object) {
    const { spec, status } = object;
    delete spec?.configSource;
    delete status?.config;
  },
  validate: (_context, object) => validateNode(object),
  warningsOnCreate: (_context, object) => warningsForNode(object),
  prepareForUpdate(_context, object, old) {
    object.status = old.status;
    if (!old.spec?.configSource) delete object.spec?.configSource;
  },
  validateUpdate: (_context, object, old) => [...validateNode(object), ...validateNodeUpdate(object, old)],
  warningsOnUpdate: (_context, object) => warningsForNode(object),
};

export const nodeStatusStrategy: RESTStrategy<Node> = {
  ...nodeStrategy,
  resetFields: resetFields(['v1'], 'spec'),
  dropDisabledFields: dropping(GATED_STATUS),
  prepareForUpdate(_context, object, old) {
    object.spec = old.spec;
    if (!old.status?.config) delete object.status?.config;
  },
  validateUpdate: (_context, object, old) => validateNodeUpdate(object, old),
  warningsOnUpdate: () => [],
};
