/** https://github.com/kubernetes/kubernetes/blob/master/pkg/registry/lifecycle/eviction/strategy.go */

import type { Eviction } from '../../../apis/lifecycle/v1alpha1/types.ts';
import { semanticDeepEqual } from '../../../meta/deep-equal.ts';
import { nameIsDNSSubdomain } from '../../../meta/validation/names.ts';
import type { RESTStrategy } from '../../../rest/strategy.ts';
import { raiseGeneration, resetFields, resetObjectMetaForStatus } from '../../generic/strategy-parts.ts';

const API_VERSIONS = ['lifecycle.k8s.io/v1alpha1'];

const load = () => import('../../../apis/lifecycle/validation/declared.ts');

export const evictionStrategy: RESTStrategy<Eviction> = {
  kind: { group: 'lifecycle.k8s.io', kind: 'Eviction' },
  namespaced: true,
  validateName: nameIsDNSSubdomain,
  allowUnconditionalUpdate: false,
  resetFields: resetFields(API_VERSIONS, 'status'),
  prepareForCreate(_context, object) {
    object.status = {};
    object.metadata.generation = 1;
  },
  validate: async (context, object) => (await load()).declaredV1alpha1.validate(context, 'Eviction', object),
  prepareForUpdate(_context, object, old) {
    object.status = old.status;
    if (!semanticDeepEqual(object.spec, old.spec)) raiseGeneration(object, old);
  },
  validateUpdate: async (context, object, old) =>
    (await load()).declaredV1alpha1.validate(context, 'Eviction', object, old),
};

export const evictionStatusStrategy: RESTStrategy<Eviction> = {
  ...evictionStrategy,
  resetFields: resetFields(API_VERSIONS, 'spec', 'metadata'),
  prepareForUpdate(_context, object, old) {
    object.spec = old.spec;
    resetObjectMetaForStatus(object.metadata, old.metadata);
  },
  async validateUpdate(context, object, old) {
    const { declaredV1alpha1, validateEvictionStatus } = await load();
    return [
      ...validateEvictionStatus(object.status, old.status, context.receivedAt),
      ...declaredV1alpha1.validate(context, 'Eviction', object, old),
    ];
  },
};
