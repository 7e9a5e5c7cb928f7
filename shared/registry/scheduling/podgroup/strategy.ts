import type { PodGroup } from '../../../apis/scheduling/v1alpha2/types.ts';
import { semanticDeepEqual } from '../../../meta/deep-equal.ts';
import { nameIsDNSSubdomain } from '../../../meta/validation/names.ts';
import type { RESTStrategy } from '../../../rest/strategy.ts';
import { raiseGeneration, resetFields } from '../../generic/strategy-parts.ts';

const API_VERSIONS = ['scheduling.k8s.io/v1alpha2'];

export const podGroupStrategy: RESTStrategy<PodGroup> = {
  kind: { group: 'scheduling.k8s.io', kind: 'PodGroup' },
  namespaced: true,
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

export const podGroupStatusStrategy: RESTStrategy<PodGroup> = {
  ...podGroupStrategy,
  resetFields: resetFields(API_VERSIONS, 'spec'),
  prepareForUpdate(_context, object, old) {
    object.spec = old.spec;
  },
};
