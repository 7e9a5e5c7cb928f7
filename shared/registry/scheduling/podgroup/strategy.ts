/** https://github.com/kubernetes/kubernetes/blob/master/pkg/registry/scheduling/podgroup/strategy.go */

import { dropping, type GatedPaths } from '../../../apis/gated-paths.ts';
import type { PodGroup } from '../../../apis/scheduling/v1beta1/types.ts';
import { nameIsDNSSubdomain } from '../../../meta/validation/names.ts';
import type { RESTStrategy } from '../../../rest/strategy.ts';
import { resetFields, resetObjectMetaForStatus } from '../../generic/strategy-parts.ts';

const API_VERSIONS = [
  'scheduling.k8s.io/v1beta1',
  'scheduling.k8s.io/v1alpha3',
  'scheduling.k8s.io/v1alpha2',
];
const GATED: GatedPaths = {
  CompositePodGroup: ['spec.parentCompositePodGroupName'],
  DRAWorkloadResourceClaims: ['spec.resourceClaims'],
  PodGroupPreemptionPolicy: ['spec.preemptionPolicy'],
  TopologyAwareWorkloadScheduling: ['spec.schedulingConstraints'],
};
const GATED_STATUS: GatedPaths = {
  DRAWorkloadResourceClaims: { drops: ['status.resourceClaimStatuses'], usedBy: ['spec.resourceClaims'] },
};

const load = () => import('../../../apis/scheduling/validation/declared.ts');

export const podGroupStrategy: RESTStrategy<PodGroup> = {
  kind: { group: 'scheduling.k8s.io', kind: 'PodGroup' },
  namespaced: true,
  validateName: nameIsDNSSubdomain,
  allowUnconditionalUpdate: false,
  resetFields: resetFields(API_VERSIONS, 'status'),
  dropDisabledFields: dropping(GATED),
  prepareForCreate(_context, object) {
    object.status = {};
  },
  async validate(context, podGroup) {
    const { declaredV1beta1, validatePodGroup } = await load();
    return [...validatePodGroup(podGroup), ...declaredV1beta1.validate(context, 'PodGroup', podGroup)];
  },
  prepareForUpdate(_context, object, old) {
    object.status = old.status;
  },
  validateUpdate: async (context, podGroup, old) =>
    (await load()).declaredV1beta1.validate(context, 'PodGroup', podGroup, old),
};

export const podGroupStatusStrategy: RESTStrategy<PodGroup> = {
  ...podGroupStrategy,
  resetFields: resetFields(API_VERSIONS, 'metadata', 'spec'),
  dropDisabledFields: dropping(GATED_STATUS),
  prepareForUpdate(_context, object, old) {
    object.spec = old.spec;
    resetObjectMetaForStatus(object.metadata, old.metadata);
  },
  async validateUpdate(context, podGroup, old) {
    const { declaredV1beta1, validatePodGroupStatusUpdate } = await load();
    return [
      ...validatePodGroupStatusUpdate(podGroup),
      ...declaredV1beta1.validate(context, 'PodGroup', podGroup, old),
    ];
  },
};
