/** https://github.com/kubernetes/kubernetes/blob/master/pkg/registry/scheduling/podgroup/strategy.go */

import type { PodGroup } from '../../../apis/scheduling/v1beta1/types.ts';
import { nameIsDNSSubdomain } from '../../../meta/validation/names.ts';
import type { RESTStrategy } from '../../../rest/strategy.ts';
import { resetFields, resetObjectMetaForStatus } from '../../generic/strategy-parts.ts';
import { dropGatedFields, setPreemptionPolicyDefault } from '../gated-fields.ts';

const API_VERSIONS = [
  'scheduling.k8s.io/v1beta1',
  'scheduling.k8s.io/v1alpha3',
  'scheduling.k8s.io/v1alpha2',
];
const GATED = [
  'schedulingConstraints',
  'resourceClaims',
  'preemptionPolicy',
  'parentCompositePodGroupName',
] as const;

const load = () => import('../../../apis/scheduling/validation/declared.ts');

export const podGroupStrategy: RESTStrategy<PodGroup> = {
  kind: { group: 'scheduling.k8s.io', kind: 'PodGroup' },
  namespaced: true,
  validateName: nameIsDNSSubdomain,
  allowUnconditionalUpdate: false,
  resetFields: resetFields(API_VERSIONS, 'status'),
  prepareForCreate(context, object) {
    object.status = {};
    setPreemptionPolicyDefault(context, object.spec);
    dropGatedFields(context, object.spec, undefined, GATED);
  },
  async validate(context, podGroup) {
    const { declaredV1beta1, validatePodGroup } = await load();
    return [...validatePodGroup(podGroup), ...declaredV1beta1.validate(context, 'PodGroup', podGroup)];
  },
  prepareForUpdate(context, object, old) {
    object.status = old.status;
    setPreemptionPolicyDefault(context, object.spec);
    dropGatedFields(context, object.spec, old.spec, GATED);
  },
  validateUpdate: async (context, podGroup, old) =>
    (await load()).declaredV1beta1.validate(context, 'PodGroup', podGroup, old),
};

export const podGroupStatusStrategy: RESTStrategy<PodGroup> = {
  ...podGroupStrategy,
  resetFields: resetFields(API_VERSIONS, 'metadata', 'spec'),
  prepareForUpdate({ featureEnabled }, object, old) {
    object.spec = old.spec;
    resetObjectMetaForStatus(object.metadata, old.metadata);
    if (!featureEnabled('DRAWorkloadResourceClaims') && !old.spec.resourceClaims?.length) {
      delete object.status.resourceClaimStatuses;
    }
  },
  async validateUpdate(context, podGroup, old) {
    const { declaredV1beta1, validatePodGroupStatusUpdate } = await load();
    return [
      ...validatePodGroupStatusUpdate(podGroup),
      ...declaredV1beta1.validate(context, 'PodGroup', podGroup, old),
    ];
  },
};
