import type { Node } from '../../../apis/core/v1/types.ts';
import { dropping, type GatedPaths } from '../../../apis/gated-paths.ts';
import { nameIsDNSSubdomain } from '../../../meta/validation/names.ts';
import type { RESTStrategy } from '../../../rest/strategy.ts';
import { once } from '../../../util/once.ts';
import { resetFields } from '../../generic/strategy-parts.ts';
import { loadDeclaredRules } from '../declared-rules.ts';

const loadRules = once(() => import('../../../apis/core/validation/nodes.ts'));
const loadWarnings = once(() => import('../../../apis/core/warnings/nodes.ts'));

const GATED: GatedPaths = {
  InPlacePodVerticalScalingSchedulerPreemption: ['spec.podPreemptionPolicy'],
  NodeDeclaredFeatures: ['status.declaredFeatures'],
  SupplementalGroupsPolicy: ['status.features'],
};
/** Gated for status updates only, not for creations with a status. */
const GATED_STATUS: GatedPaths = { KubeletInUserNamespace: ['status.nodeInfo.runningInUserNamespace'] };

const drop = dropping(GATED);

/** Allows a status on creation, with which kubelets register their nodes. */
export const nodeStrategy: RESTStrategy<Node> = {
  kind: { group: '', kind: 'Node' },
  declared: { type: 'Node', load: loadDeclaredRules },
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
  validate: async (_context, object) => (await loadRules()).validateNode(object),
  warningsOnCreate: async (_context, object) => (await loadWarnings()).warningsForNode(object),
  prepareForUpdate(_context, object, old) {
    object.status = old.status;
    if (!old.spec?.configSource) delete object.spec?.configSource;
  },
  validateUpdate: async (_context, object, old) => [
    ...(await loadRules()).validateNode(object),
    ...(await loadRules()).validateNodeUpdate(object, old),
  ],
  warningsOnUpdate: async (_context, object) => (await loadWarnings()).warningsForNode(object),
};

export const nodeStatusStrategy: RESTStrategy<Node> = {
  ...nodeStrategy,
  resetFields: resetFields(['v1'], 'spec'),
  dropDisabledFields: dropping(GATED_STATUS),
  prepareForUpdate(_context, object, old) {
    object.spec = old.spec;
    if (!old.status?.config) delete object.status?.config;
  },
  validateUpdate: async (_context, object, old) => (await loadRules()).validateNodeUpdate(object, old),
  warningsOnUpdate: () => [],
};
