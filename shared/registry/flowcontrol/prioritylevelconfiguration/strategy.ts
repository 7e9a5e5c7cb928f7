import type { PriorityLevelConfiguration } from '../../../apis/flowcontrol/v1/types.ts';
import { validateFlowControlStatus } from '../../../apis/flowcontrol/validation/conditions.ts';
import { semanticDeepEqual } from '../../../meta/deep-equal.ts';
import { nameIsDNSSubdomain } from '../../../meta/validation/names.ts';
import type { RESTStrategy } from '../../../rest/strategy.ts';
import { once } from '../../../util/once.ts';
import { raiseGeneration, resetFields } from '../../generic/strategy-parts.ts';

const loadRules = once(() => import('../../../apis/flowcontrol/validation/priority-level-configuration.ts'));

const API_VERSIONS = ['flowcontrol.apiserver.k8s.io/v1beta1', 'flowcontrol.apiserver.k8s.io/v1'];

export const priorityLevelConfigurationStrategy: RESTStrategy<PriorityLevelConfiguration> = {
  kind: { group: 'flowcontrol.apiserver.k8s.io', kind: 'PriorityLevelConfiguration' },
  namespaced: false,
  validateName: nameIsDNSSubdomain,
  resetFields: resetFields(API_VERSIONS, 'status'),
  prepareForCreate(_context, object) {
    object.status = {};
    object.metadata.generation = 1;
  },
  validate: async ({ requestInfo }, level) =>
    (await loadRules()).validatePriorityLevelConfiguration(level, requestInfo.apiVersion),
  prepareForUpdate(_context, object, old) {
    object.status = old.status;
    if (!semanticDeepEqual(object.spec, old.spec)) raiseGeneration(object, old);
  },
  validateUpdate: async ({ requestInfo }, level) =>
    (await loadRules()).validatePriorityLevelConfiguration(level, requestInfo.apiVersion),
};

export const priorityLevelConfigurationStatusStrategy: RESTStrategy<PriorityLevelConfiguration> = {
  ...priorityLevelConfigurationStrategy,
  resetFields: resetFields(API_VERSIONS, 'metadata', 'spec'),
  prepareForUpdate(_context, object, old) {
    object.spec = old.spec;
    const { managedFields } = object.metadata;
    object.metadata = { ...old.metadata, ...(managedFields && { managedFields }) };
  },
  validateUpdate: (_context, { status }) => validateFlowControlStatus(status),
};
