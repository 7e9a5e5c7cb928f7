/** https://github.com/kubernetes/kubernetes/blob/master/pkg/registry/resource/devicetaintrule/strategy.go */

import type { DeviceTaintRule } from '../../../apis/resource/v1/types.ts';
import { semanticDeepEqual } from '../../../meta/deep-equal.ts';
import { formatTime } from '../../../meta/time.ts';
import { nameIsDNSSubdomain } from '../../../meta/validation/names.ts';
import type { RESTStrategy } from '../../../rest/strategy.ts';
import { once } from '../../../util/once.ts';
import { raiseGeneration, resetFields, resetObjectMetaForStatus } from '../../generic/strategy-parts.ts';
import { loadDeclaredRules } from '../declared-rules.ts';

const loadRules = once(() => import('../../../apis/resource/validation/device-taint.ts'));

const API_VERSIONS = ['resource.k8s.io/v1', 'resource.k8s.io/v1beta2', 'resource.k8s.io/v1alpha3'];

export const deviceTaintRuleStrategy: RESTStrategy<DeviceTaintRule> = {
  kind: { group: 'resource.k8s.io', kind: 'DeviceTaintRule' },
  declared: { type: 'DeviceTaintRule', load: loadDeclaredRules },
  namespaced: false,
  validateName: nameIsDNSSubdomain,
  // Allowed in older versions only; v1 requires a resourceVersion.
  allowUnconditionalUpdate: ({ requestInfo }) => requestInfo.apiVersion !== 'v1',
  resetFields: resetFields(API_VERSIONS, 'status'),
  prepareForCreate(_context, object) {
    object.status = {};
    object.metadata.generation = 1;
  },
  validate: async (_context, rule) => (await loadRules()).validateDeviceTaintRule(rule),
  prepareForUpdate({ receivedAt }, object, old) {
    object.status = old.status;
    const [taint, stored] = [object.spec.taint, old.spec.taint];
    if (taint.effect !== stored.effect && taint.timeAdded === stored.timeAdded) {
      taint.timeAdded = formatTime(receivedAt);
    }
    if (!semanticDeepEqual(object.spec, old.spec)) raiseGeneration(object, old);
  },
  validateUpdate: async (_context, rule, old) => (await loadRules()).validateDeviceTaintRule(rule, old),
};

export const deviceTaintRuleStatusStrategy: RESTStrategy<DeviceTaintRule> = {
  ...deviceTaintRuleStrategy,
  resetFields: resetFields(API_VERSIONS, 'metadata', 'spec'),
  prepareForUpdate(_context, object, old) {
    object.spec = old.spec;
    resetObjectMetaForStatus(object.metadata, old.metadata);
  },
  validateUpdate: async (_context, rule) => (await loadRules()).validateDeviceTaintRuleStatus(rule),
};
