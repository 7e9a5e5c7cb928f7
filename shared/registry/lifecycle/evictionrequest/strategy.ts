/** https://github.com/kubernetes/kubernetes/blob/master/pkg/registry/lifecycle/evictionrequest/strategy.go */

import type { EvictionRequest } from '../../../apis/lifecycle/v1alpha1/types.ts';
import { semanticDeepEqual } from '../../../meta/deep-equal.ts';
import { type FieldError, invalid } from '../../../meta/field-error.ts';
import { FieldPath } from '../../../meta/field-path.ts';
import { validateConditions } from '../../../meta/validation/conditions.ts';
import { nameIsDNSSubdomain } from '../../../meta/validation/names.ts';
import type { RESTStrategy } from '../../../rest/strategy.ts';
import { raiseGeneration, resetFields, resetObjectMetaForStatus } from '../../generic/strategy-parts.ts';

const API_VERSIONS = ['lifecycle.k8s.io/v1alpha1'];
const NAME = FieldPath.of('metadata', 'name');
const REQUESTER = FieldPath.of('spec', 'requester');
const CONDITIONS = FieldPath.of('status', 'conditions');

const load = () => import('../../../apis/lifecycle/validation/declared.ts');
const loadReserved = () => import('../../../apis/core/validation/reserved-domains.ts');

function nameErrors(name: string): FieldError[] {
  return nameIsDNSSubdomain(name).map((detail) =>
    invalid(NAME, name, detail.replace(/^(must be no more than \d+) characters$/, '$1 bytes')),
  );
}

export const evictionRequestStrategy: RESTStrategy<EvictionRequest> = {
  kind: { group: 'lifecycle.k8s.io', kind: 'EvictionRequest' },
  namespaced: true,
  // Declarative validation checks names, though not generateName.
  validateName: () => [],
  allowUnconditionalUpdate: false,
  resetFields: resetFields(API_VERSIONS, 'status'),
  prepareForCreate(_context, object) {
    object.status = {};
    object.metadata.generation = 1;
  },
  validate: async (context, object) => [
    ...nameErrors(object.metadata.name ?? ''),
    ...(await loadReserved()).validateUnreservedDomain(object.spec.requester, REQUESTER),
    ...(await load()).declaredV1alpha1.validate(context, 'EvictionRequest', object),
  ],
  prepareForUpdate(_context, object, old) {
    object.status = old.status;
    if (!semanticDeepEqual(object.spec, old.spec)) raiseGeneration(object, old);
  },
  validateUpdate: async (context, object, old) =>
    (await load()).declaredV1alpha1.validate(context, 'EvictionRequest', object, old),
};

export const evictionRequestStatusStrategy: RESTStrategy<EvictionRequest> = {
  ...evictionRequestStrategy,
  resetFields: resetFields(API_VERSIONS, 'spec', 'metadata'),
  prepareForUpdate(_context, object, old) {
    object.spec = old.spec;
    resetObjectMetaForStatus(object.metadata, old.metadata);
  },
  validateUpdate: async (context, object, old) => [
    ...validateConditions(object.status.conditions, CONDITIONS),
    ...(await load()).declaredV1alpha1.validate(context, 'EvictionRequest', object, old),
  ],
};
