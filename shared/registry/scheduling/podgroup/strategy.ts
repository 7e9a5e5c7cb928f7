/** https://github.com/kubernetes/kubernetes/blob/master/pkg/registry/scheduling/podgroup/strategy.go */

import type { PodGroup } from '../../../apis/scheduling/v1alpha2/types.ts';
import {
  validatePodGroup,
  validatePodGroupStatusUpdate,
  validatePodGroupUpdate,
} from '../../../apis/scheduling/validation/pod-group.ts';
import { nameIsDNSSubdomain } from '../../../meta/validation/names.ts';
import type { RESTStrategy } from '../../../rest/strategy.ts';
import { resetFields, resetObjectMetaForStatus } from '../../generic/strategy-parts.ts';
import { dropGatedFields } from '../gated-fields.ts';

const API_VERSIONS = ['scheduling.k8s.io/v1alpha2'];

export const podGroupStrategy: RESTStrategy<PodGroup> = {
  kind: { group: 'scheduling.k8s.io', kind: 'PodGroup' },
  namespaced: true,
  validateName: nameIsDNSSubdomain,
  resetFields: resetFields(API_VERSIONS, 'status'),
  prepareForCreate(context, object) {
    object.status = {};
    dropGatedFields(context, object.spec);
  },
  validate: (_context, podGroup) => validatePodGroup(podGroup),
  prepareForUpdate(context, object, old) {
    object.status = old.status;
    dropGatedFields(context, object.spec);
  },
  validateUpdate: (_context, podGroup, old) => validatePodGroupUpdate(podGroup, old),
};

export const podGroupStatusStrategy: RESTStrategy<PodGroup> = {
  ...podGroupStrategy,
  resetFields: resetFields(API_VERSIONS, 'metadata', 'spec'),
  prepareForUpdate(_context, object, old) {
    object.spec = old.spec;
    resetObjectMetaForStatus(object.metadata, old.metadata);
    delete object.status.resourceClaimStatuses;
  },
  validateUpdate: (_context, podGroup) => validatePodGroupStatusUpdate(podGroup),
};
