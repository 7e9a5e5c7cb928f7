import type { DeviceTaintRule } from '../../../apis/resource/v1beta2/types.ts';
import { semanticDeepEqual } from '../../../meta/deep-equal.ts';
import { nameIsDNSSubdomain } from '../../../meta/validation/names.ts';
import type { RESTStrategy } from '../../../rest/strategy.ts';
import { raiseGeneration, resetFields, resetObjectMetaForStatus } from '../../generic/strategy-parts.ts';

const API_VERSIONS = ['resource.k8s.io/v1beta2', 'resource.k8s.io/v1alpha3'];

export const deviceTaintRuleStrategy: RESTStrategy<DeviceTaintRule> = {
  kind: { group: 'resource.k8s.io', kind: 'DeviceTaintRule' },
  namespaced: false,
  validateName: nameIsDNSSubdomain,
  resetFields: resetFields(API_VERSIONS, 'status'),
  prepareForCreate(_context, object) {
    object.status = {};
    object.metadata.generation = 1;
  },
  prepareForUpdate(_context, object, old) {
    object.status = old.status;
    if (!semanticDeepEqual(object.spec, old.spec)) raiseGeneration(object, old);
  },
};

export const deviceTaintRuleStatusStrategy: RESTStrategy<DeviceTaintRule> = {
  ...deviceTaintRuleStrategy,
  resetFields: resetFields(API_VERSIONS, 'metadata', 'spec'),
  prepareForUpdate(_context, object, old) {
    object.spec = old.spec;
    resetObjectMetaForStatus(object.metadata, old.metadata);
  },
};
